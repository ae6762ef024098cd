"""PF023."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected

_SMALLEST = 6e-8
"""Smallest positive number of float16."""
_WITH_EPS = ("Adam", "AdamW", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta", "Adamax")
_DEFAULT = {"Adagrad": 1e-10, "Adadelta": 1e-6}


class HalfPrecisionWeights(ProbeRule):
    """Weights are kept in float16 under an optimizer whose epsilon vanishes there.

    ## What it reads
    The dtype of the trainable weights, the optimizer and its ``eps``.

    ## Why it matters
    An epsilon of 1e-8 is zero in float16, and so are squares of small gradients: the step divides zero by zero. The
    loss becomes NaN after a few steps. Updates below a thousandth of a weight are lost as well.

    ## Sources
    T-AMP: weights stay in float32, autocast chooses the type of each operation.

    ## Known limits
    Optimizers of other packages that keep their state in float32 are not recognised.
    """

    code = "PF023"
    title = "Weights in float16 under an optimizer whose epsilon vanishes"
    passed = "The dtype of the weights suits the optimizer"
    neutral = "Whether the dtype of the weights suits the optimizer"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-AMP",)
    counterevidence = "an optimizer that keeps weights and state in float32"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for float16 weights and an epsilon that is zero in float16."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        optimizer = evidence.current.optimizer
        name, half = str(optimizer["name"]), seen.looks.half_weights
        if not half:
            return not_detected("no trainable weight is in float16")
        eps = float(optimizer.get("eps", _DEFAULT.get(name, 1e-8)))
        values = {"half": half, "eps": eps}
        text = f"{half:.0%} of the trainable weights are in float16, the optimizer is {name}"
        if name not in _WITH_EPS or eps >= _SMALLEST:
            return not_detected(text, values=values)
        return detected(
            f"{text}, and its eps of {eps:g} is zero in float16",
            values=values,
            advice="Keep the weights in float32 and use torch.autocast (amp: true), or bfloat16; at least set "
            "eps=1e-4.",
        )
