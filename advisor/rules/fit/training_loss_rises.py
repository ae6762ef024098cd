"""FT008."""

from advisor.evidence.evidence import CONFIRM, Arm, Evidence
from advisor.evidence.queries import first_loss, longest
from advisor.fits.smoothing import bin_means
from advisor.fits.trend import Turn, turn
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.utils.numbers import number, share

_BINS = 40
_LEAST = 0.1


class TrainingLossRises(Rule):
    """The training loss passes a minimum and rises again for good.

    ## What it reads
    The training loss, averaged in 40 groups, of the present settings in their short run and of the longest probe: a
    rank test on what follows the minimum. A rise below a tenth of what was learned is left alone: that is a plateau.

    ## Why it matters
    Optimisation itself has become worse: overfitting cannot do that. The usual causes are a rate beyond the stable
    range or a bug.

    ## Sources
    P-CV5: a rising training loss usually comes from a bug. S-D3: a sharp rise asks for a lower largest rate.

    ## Known limits
    Probes of a part of the run; runs that were stopped as diverged are LR001 and FT005.
    """

    code = "FT008"
    title = "The training loss rises"
    passed = "The training loss does not rise"
    severity = "fault"
    confidence = "medium"
    requires = ("ladder",)
    sources = ("P-CV5", "S-D3")
    doubt = "another seed whose training loss keeps falling"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if one of the two turned upwards beyond noise, stayed there, and lost a tenth of its gain."""
        own = [arm for arm in evidence.of_round(CONFIRM) if arm.trace.status == "finished"]
        said = []
        for arm in [*own, *longest(evidence)[:1]]:
            found = _turn(arm)
            if found is None:
                continue
            whose = "the present settings" if arm.round == CONFIRM else f"a probe of {share(arm.length)}"
            text = f"training loss of {whose}: lowest about {number(found.low)}, {number(found.end)} at the end"
            if found.turned and found.end - found.low > _LEAST * (first_loss(arm) - found.low):
                return detected(
                    text,
                    values={"minimum": found.low, "final": found.end, "chance": found.chance},
                    figures=("curves",),
                    advice="Lower the largest rate or clip gradients; if it still rises, look for a bug in the data "
                    "order or the loss.",
                )
            said.append(text)
        return not_detected("; ".join(said)) if said else cannot_tell("no probe left enough training losses")


def _turn(arm: Arm) -> Turn | None:
    _, losses = bin_means([float(step) for step in arm.trace.step], list(arm.trace.train_loss), _BINS)
    found = turn(losses.tolist())
    return found if isinstance(found, Turn) else None
