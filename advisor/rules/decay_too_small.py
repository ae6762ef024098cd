"""WD002."""

from advisor.rules.base import Rule
from advisor.rules.decay_reading import decay_costs, present_decay
from advisor.rules.evidence import Evidence
from advisor.rules.finding import Judgement, cannot_tell, detected, not_applicable, not_detected
from advisor.rules.reading import figures_of, noise_text, number, share


class DecayTooSmall(Rule):
    """Too little weight decay: a larger one ends lower on validation data.

    ## What it reads
    The grid of weight decays in short runs: the loss at the present one, and the lowest among larger ones.

    ## Why it matters
    Too little leaves the regularisation to the learning rate alone, and the longer the run the more it overfits.

    ## Sources
    S-D3: a validation loss that rises gradually asks for more decay; S-R6 calls decay the knob that balances the rate;
    P-CV1 counts it among the first remedies of overfitting.

    ## Known limits
    Short runs overfit less than long ones, so that they miss some of what a larger decay is worth.
    """

    code = "WD002"
    title = "Weight decay is too small"
    passed = "Weight decay is not too small"
    severity = "advice"
    confidence = "medium"
    requires = ("decay",)
    sources = ("S-D3", "S-R6", "P-CV1")
    doubt = "longer runs in which the present value does as well"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if a larger value on the grid ends lower beyond the noise."""
        if not evidence.current_given:
            return not_applicable("no present settings to judge")
        found = decay_costs(evidence)
        present = present_decay(evidence)
        if found is None or present not in found.costs:
            return cannot_tell("the present weight decay was not among the runs that finished")
        rivals = {value: cost for value, cost in found.costs.items() if value > present}
        if not rivals:
            return cannot_tell(f"no weight decay above {present:g} was compared")
        best = min(rivals, key=rivals.__getitem__)
        gain = found.costs[present] - rivals[best]
        values = {"weight_decay": present, "better": best, "gain": gain, "noise": evidence.noise}
        text = f"weight decay {best:g} against {present:g} at {share(found.length)}: "
        figures = figures_of(evidence, "weight_decay")
        if gain <= found.noise:
            return not_detected(f"{text}no gain beyond the noise{noise_text(evidence)}", values=values, figures=figures)
        return detected(
            f"{text}{number(gain)} better{noise_text(evidence)}",
            values=values,
            figures=figures,
            advice=f"Raise weight decay from {present:g} (WD003 says to which value).",
        )
