"""PF020."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import names


class WeightsOutsideParameters(ProbeRule):
    """Weights contribute to the loss but are not among the model's parameters.

    ## What it reads
    The leaves of the autograd graph of one loss, against ``model.parameters()`` and the attributes of the model and the
    loss.

    ## Why it matters
    Weights outside ``parameters()`` are not optimised, not moved by ``.to(device)`` and not saved in checkpoints.
    Layers in a plain list or dict, and tensors other than ``nn.Parameter``, keep their initial values.

    ## Sources
    T-LIST says what is registered. P-CV5: a bug, not a setting.

    ## Known limits
    Weights that are not reachable from the model or the loss are not reported, as inputs with a gradient look alike.
    """

    code = "PF020"
    title = "Weights outside parameters() are not trained"
    passed = "Every weight behind the loss is registered"
    neutral = "Whether all weights behind the loss are registered"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-LIST", "P-CV5")
    counterevidence = "an optimizer that gets these weights elsewhere"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if any such weight was found."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        found = seen.looks.outside
        if not found:
            return not_detected("every weight behind the loss is among the model's parameters")
        loss = all(name.startswith("loss.") for name in found)
        return detected(
            f"{len(found)} weights contribute but are not registered, and so are never trained: {names(found)}",
            values={"outside": list(found)},
            advice="The loss has its own weights: pass them to the optimizer as well, or make the loss part of the "
            "model."
            if loss
            else "Keep layers in nn.ModuleList or nn.ModuleDict instead of a Python list or dict, and tensors in "
            "nn.Parameter.",
            blocking=True,
        )
