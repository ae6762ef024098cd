"""Weight decay in a form that does not depend on the run's length: total decay.

Total decay is effective rate × weight decay × steps: the number of e-foldings by which decay alone would shrink
the weights. It is the timescale of AdamW (arXiv 2405.13698) in another form, and holds for SGD
with momentum as well, whose effective rate is lr / (1 - momentum).
"""

from advisor.config.hparams import HParams

PRIOR = 2.5
"""Prior. Within 5.5 % of the best decay on 13 of 13 small tasks, 0.8 % on average (docs/method.md)."""
DECOUPLED = ("AdamW", "Muon")
"""Optimizers in which each step shrinks the weights by rate × decay."""


def has_total_decay(optimizer: str) -> bool:
    """Whether decay shrinks the weights at a known rate; L2 inside an adaptive optimizer (Adam) does not."""
    return optimizer == "SGD" or optimizer in DECOUPLED


def effective_rate(optimizer: str, lr: float, momentum: float | None) -> float:
    """Step size once momentum has built up."""
    return lr / (1.0 - momentum) if optimizer == "SGD" and momentum else lr


def total_of(optimizer: str, lr: float, momentum: float | None, weight_decay: float, steps: int) -> float:
    """Total decay of these numbers, for an optimizer that has one."""
    return effective_rate(optimizer, lr, momentum) * weight_decay * steps


def total_decay(hparams: HParams, steps: int) -> float | None:
    """Total decay of a run of ``steps``; None where it is not defined for the optimizer."""
    if not has_total_decay(hparams.optimizer):
        return None
    return total_of(hparams.optimizer, hparams.lr, hparams.momentum, hparams.weight_decay, steps)


def with_total_decay(hparams: HParams, total: float | None, steps: int) -> HParams:
    """The hyper-parameters with the weight decay that gives this total over ``steps``; unchanged if undefined."""
    if total is None or not has_total_decay(hparams.optimizer):
        return hparams
    speed = effective_rate(hparams.optimizer, hparams.lr, hparams.momentum) * steps
    return hparams.with_(weight_decay=float(f"{total / speed:.3g}"))
