"""EP003."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.length import length_text, length_values, sets_epochs
from advisor.evidence.queries import figures_of
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected

_FAR = 0.2


class RunLongerThanNeeded(Rule):
    """A part of the epochs in use gives the same result, or a better one.

    ## What it reads
    The length that the length round advises: where the longest probe was at its best, or where the gap
    between training and validation loss says that more training would overfit.

    ## Why it matters
    Epochs beyond the best length cost time, and where the model overfits they cost quality too.

    ## Sources
    P-CV4: a plateau long before the end asks for fewer steps. S-R4: the least computing for the best result.
    P-ST1 reads the length from where the best checkpoint falls.

    ## Known limits
    One long probe decides, and a wide gap is a sign of overfitting to come, no proof. More data or stronger
    regularisation would move the best length up.
    """

    code = "EP003"
    title = "The run is longer than it needs to be"
    passed = "The epochs in use are not too many"
    severity = "advice"
    confidence = "medium"
    requires = ("length",)
    sources = ("P-CV4", "S-R4", "P-ST1")
    doubt = "a full run that ends lower than this shorter one"

    def check(self, evidence: Evidence) -> Judgement:
        """Sets the epochs; below a fifth of them EP001 speaks."""
        text = length_text(evidence)
        if text is None:
            return cannot_tell("no long probe finished")
        values, new = length_values(evidence), sets_epochs(evidence)
        figures = figures_of(evidence, "epochs")
        if new >= evidence.current.epochs:
            return not_detected(text, values=values, figures=figures, sets={"epochs": evidence.current.epochs})
        if evidence.length <= _FAR:
            return not_detected(f"{text}; far too long, which is EP001", values=values, figures=figures)
        return detected(
            f"{text}: {evidence.length:.0%} of the epochs in use should do",
            values=values,
            figures=figures,
            sets={"epochs": new},
            advice=f"Change epochs from {evidence.current.epochs} to {new}, with the schedule squeezed into them.",
        )
