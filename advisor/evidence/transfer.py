"""How a learning rate carries between a copy of a run, a shorter run and the full one."""

from dataclasses import dataclass

from advisor.evidence.evidence import Arm, Evidence, Limit

BATCH_EXPONENT = 0.4
"""SGD's best rate goes as batch ** 0.4 (docs/method.md); no shift was seen for AdamW on copies."""
LEAST_STEPS = 20


@dataclass(frozen=True, slots=True)
class Size:
    """What a rate belongs to: batch size and optimizer steps of a run."""

    batch_size: int
    steps: int


def full_size(evidence: Evidence) -> Size:
    """The full run at the batch size in use."""
    size, current = evidence.facts.train_size, evidence.current
    return Size(current.batch_size, max(LEAST_STEPS, max(1, size // current.batch_size) * current.epochs))


def carry(lr: float, optimizer: str, limit: Limit | None, source: Size, target: Size) -> float:
    """The rate for ``target`` that does what ``lr`` does for ``source``.

    Fit-limited runs keep rate × steps; stability-limited ones, and those of which nothing is known, keep the rate, by
    the batch's noise where the batch differs.
    """
    if limit == "fit":
        return lr * source.steps / target.steps
    exponent = BATCH_EXPONENT if optimizer == "SGD" else 0.0
    return float(lr * (target.batch_size / source.batch_size) ** exponent)


def size_of(arm: Arm) -> Size:
    """Batch and steps of a probe."""
    return Size(arm.spec.batch_size, arm.spec.steps)


def full_rate(evidence: Evidence, arm: Arm) -> float:
    """The rate of a probe as the full run at the batch size in use would have it."""
    full, own = full_size(evidence), size_of(arm)
    lr = arm.spec.lr
    if not arm.spec.is_copy:  # The rate of an advised batch was moved for every optimizer.
        lr *= (full.batch_size / own.batch_size) ** BATCH_EXPONENT
        own = Size(full.batch_size, round(own.steps * own.batch_size / full.batch_size))
    return float(f"{carry(lr, evidence.choice.optimizer, evidence.limit, own, full):.6g}")
