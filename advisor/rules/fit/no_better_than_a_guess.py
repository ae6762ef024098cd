"""FT013."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import finished_runs
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.rules.fit.nothing_learned import progress
from advisor.utils.numbers import rate, share


class NoBetterThanAGuess(ProbeRule):
    """No run that the budget allowed for predicts better than a guess that ignores the inputs.

    ## What it reads
    The lowest validation loss of all runs, those with the current settings included, against that of the best constant
    prediction, and accuracy against the share of the most frequent class.

    ## Why it matters
    Labels that belong to other inputs look like this, and so does a task that starts to learn late. Which it is decides
    between looking at the data and running longer; the ranking of settings is noise until then.

    ## Sources
    P-INIT asks for a result clearly better than chance before tuning. K-BASE compares with a model that sees no inputs.

    ## Known limits
    Short runs only. FT005 says so for good after a run of nearly full length.
    """

    code = "FT013"
    title = "The runs so far predict no better than a guess"
    passed = "The runs predict better than a guess"
    neutral = "Whether the runs predict better than a guess"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT, RoundName.LADDER)
    sources = ("P-INIT", "K-BASE")
    counterevidence = "a longer run that ends below the loss of a guess"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected where no affordable round that could show learning is left."""
        done = finished_runs(evidence)
        if not done:
            return inconclusive("no run finished")
        state = progress(evidence)
        if state.learned:
            return not_detected(state.text, values=state.values)
        rates = [arm.spec.lr for arm in done]
        return detected(
            f"{state.text}, after {len(done)} runs at rates from {rate(min(rates))} to {rate(max(rates))}, the longest "
            f"{share(max(arm.length for arm in done))}",
            values=state.values,
            advice="Look at some examples with their labels: labels that were shuffled apart from their inputs look "
            "like "
            "this. If they are right, run longer before anything else is changed.",
        )
