"""PF013."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import names


class UnitsStartEqual(ProbeRule):
    """All units of a layer begin with the same weights: they get the same gradient and stay identical.

    ## What it reads
    The weights of linear and convolutional layers of the untrained model.

    ## Why it matters
    A layer of equal units can do no more than a single unit, however wide it is, and no setting separates them.

    ## Sources
    N-INIT takes constant weights at the start as a fault.

    ## Known limits
    Layers that begin at zero are only reported if all do, as outputs and residual branches often do so on purpose.
    Recurrent layers and attention are not checked. Dropout, or a randomly initialised next layer, separates the
    units in time.
    """

    code = "PF013"
    title = "The units of a layer begin as copies of each other"
    passed = "The units of each layer begin with different weights"
    neutral = "Whether the units of a layer start out different"
    severity = "fault"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("N-INIT",)
    counterevidence = "units that differ after a few steps"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for any layer with identical units."""
        seen = evidence.preflight
        if seen is None or not seen.layers:
            return inconclusive("no layer that is a module of a known kind was reached")
        alike = [look.name for look in seen.layers if look.alike]
        if not alike:
            return not_detected("no linear or convolutional layer begins with identical units")
        return detected(
            f"all units have the same weights in {names(alike)}",
            values={"layers": alike},
            advice="Initialise the weights at random: the layers' own initialisation, or one of torch.nn.init.",
        )
