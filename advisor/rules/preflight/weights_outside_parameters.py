"""PF020."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import names


class WeightsOutsideParameters(ProbeRule):
    """Weights take part in the loss but are not among the model's parameters.

    ## What it reads
    The leaves of the autograd graph of one loss, against ``model.parameters()`` and against what the model's and the
    loss's attributes hold.

    ## Why it matters
    What ``parameters()`` does not give no optimizer moves, no ``.to(device)`` moves and no checkpoint saves. Layers in
    a plain list or dict, and tensors that are no ``nn.Parameter``, stay as they were drawn.

    ## Sources
    T-LIST says what is registered. P-CV5: a bug, not a setting.

    ## Known limits
    Weights that nothing reachable from the model or the loss holds are not named, as inputs with a gradient look alike.
    """

    code = "PF020"
    title = "Weights outside parameters() are not trained"
    passed = "Every weight that takes part is registered"
    neutral = "Whether all weights that take part are registered"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-LIST", "P-CV5")
    counterevidence = "an optimizer that is given these weights elsewhere"

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
            f"{len(found)} weights take part but are not registered, and so are never trained: {names(found)}",
            values={"outside": list(found)},
            advice="The loss has weights of its own: give them to the optimizer, too, or make the loss part of the "
            "model."
            if loss
            else "Keep layers in nn.ModuleList or nn.ModuleDict instead of a python list or dict, and tensors in "
            "nn.Parameter.",
            blocking=True,
        )
