"""Transfer of a learning rate between a copy of a run, a shorter run and the full run."""

from dataclasses import dataclass

from advisor.evidence.evidence import Arm, Evidence, Limit

BATCH_EXPONENT = 0.4
"""SGD's best rate goes as batch ** 0.4 (docs/method.md); no shift was seen for AdamW on copies."""
LEAST_STEPS = 20


@dataclass(frozen=True, slots=True)
class Size:
    """Size of a run: batch size and optimizer steps."""

    batch_size: int
    steps: int


def steps_of(train_size: int, epochs: int, batch_size: int, length: float = 1.0) -> int:
    """Optimizer steps of a run over a fraction ``length`` of the epochs, without incomplete last batches."""
    return max(LEAST_STEPS, round(max(1, train_size // batch_size) * epochs * length))


def full_size(evidence: Evidence) -> Size:
    """The full run at the current batch size."""
    size, current = evidence.facts.train_size, evidence.current
    return Size(current.batch_size, steps_of(size, current.epochs, current.batch_size))


def carry(lr: float, optimizer: str, limit: Limit | None, source: Size, target: Size) -> float:
    """Converts a rate from ``source`` to ``target``.

    Fit-limited runs keep rate × steps. Stability-limited runs, and those with an unknown limit, keep the rate, scaled
    with the batch's noise where the batch size differs.
    """
    if limit == "fit":
        return lr * source.steps / target.steps
    exponent = BATCH_EXPONENT if optimizer == "SGD" else 0.0
    return float(lr * (target.batch_size / source.batch_size) ** exponent)


def size_of(arm: Arm) -> Size:
    """Batch size and steps of a probe."""
    return Size(arm.spec.batch_size, arm.spec.steps)


def full_rate(evidence: Evidence, arm: Arm) -> float:
    """The rate of a probe, converted to the full run at the current batch size."""
    full, own = full_size(evidence), size_of(arm)
    lr = arm.spec.lr
    if not arm.spec.is_copy:  # The rate was already converted when the recommended batch size was set.
        lr *= (full.batch_size / own.batch_size) ** BATCH_EXPONENT
        own = Size(full.batch_size, round(own.steps * own.batch_size / full.batch_size))
    return float(f"{carry(lr, evidence.choice.optimizer, evidence.limit, own, full):.6g}")
