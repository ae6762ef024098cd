"""EP001."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.length import length_text, length_values, sets_epochs
from advisor.evidence.queries import figures_of
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected

_FAR, _EXTREME = 0.2, 0.1


class RunFarTooLong(Rule):
    """The best length is within the first fifth of the epochs in use.

    ## What it reads
    The length that the length round advises, and the best result at every length of probe.

    ## Why it matters
    Four fifths of the computing would only make the result worse, or leave it as it is.

    ## Sources
    P-ST1 reads the length from where the best checkpoint falls. S-R4 asks for no more computing than helps.

    ## Known limits
    Rests on one long probe: the length is known to about a factor of 1.5. Stronger regularisation could
    make a longer run worth while.
    """

    code = "EP001"
    title = "The run is far too long"
    passed = "The run is not far too long"
    severity = "advice"
    confidence = "medium"
    requires = ("length",)
    sources = ("P-ST1", "S-R4")
    doubt = "a full run whose best checkpoint falls late"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected at a fifth or less; sets the epochs."""
        text = length_text(evidence)
        if text is None:
            return cannot_tell("no long probe finished")
        values = length_values(evidence)
        if evidence.length > _FAR:
            return not_detected(text, values=values, figures=figures_of(evidence, "epochs"))
        new = sets_epochs(evidence)
        return detected(
            f"{text}: the best length is {evidence.length:.0%} of the epochs in use",
            values=values,
            figures=figures_of(evidence, "epochs"),
            sets={"epochs": new},
            confidence="high" if evidence.length <= _EXTREME else None,
            advice=f"Change epochs from {evidence.current.epochs} to {new}, with the schedule squeezed into them.",
        )
