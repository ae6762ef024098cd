"""How settings carry from small runs to large ones, as published: exponents with sign, interval and source.

Each law says ``best setting ∝ data ** over_data × model ** over_model``: data are the examples or tokens that the whole
run trains on, model the parameters. The intervals hold what the sources report; where they disagree both are inside.
Most sources trained language models with AdamW.
"""

from dataclasses import dataclass

from advisor.fits.pooled import Z80
from advisor.fits.types import Estimate


@dataclass(frozen=True, slots=True)
class Exponent:
    """One exponent.

    Attributes:
        range: Value with its 80 % interval.
        sources: Ids of ``advisor.rules.references``.
    """

    range: Estimate
    sources: tuple[str, ...]

    @property
    def sign(self) -> int:
        """1 or -1 where the sources agree on the direction (their interval leaves out 0), else 0."""
        return (self.range.low > 0) - (self.range.high < 0)

    @property
    def prior(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        return self.range.value, (self.range.high - self.range.low) / (2.0 * Z80)

    def factor(self, ratio: float) -> Estimate:
        """What a size that grows by ``ratio`` (positive) does to the setting."""
        ends = sorted((ratio**self.range.low, ratio**self.range.high))
        return Estimate(ratio**self.range.value, *ends)


@dataclass(frozen=True, slots=True)
class Law:
    """How one setting carries."""

    over_data: Exponent
    over_model: Exponent


_RATE_OVER_MODEL = Exponent(Estimate(-0.5, -0.75, -0.25), ("CL-STEP", "CL-MUP"))
"""The inverse of the width, at a fixed depth; less where depth grows along. On language models 0.71 was fitted."""

BATCH = Law(
    Exponent(Estimate(0.5, 0.35, 0.65), ("CL-CBS", "CL-POWER", "CL-STEP", "CL-DEEP")),
    Exponent(Estimate(0.0, -0.1, 0.1), ("CL-CBS", "CL-POWER", "CL-STEP")),
)
"""Best batch size. Over the data 0.47 and 0.46 were found (critical batch), 0.38, 0.57 and 0.65 (best batch)."""

RATE = Law(Exponent(Estimate(0.25, 0.1, 0.4), ("CL-SQRT", "CL-STEP")), _RATE_OVER_MODEL)
"""Best peak rate, the batch size being carried along by the law above: the root of the batch; 0.31 was fitted."""

RATE_AT_BATCH = Law(Exponent(Estimate(0.0, -0.32, 0.3), ("CL-TOKENS", "CL-STEP")), _RATE_OVER_MODEL)
"""Best peak rate while the batch size stays. The sources disagree on the sign, so the rate is kept as it is."""

RATE_BY_BATCH = Exponent(Estimate(0.5, 0.4, 1.0), ("CL-SQRT", "B-2"))
"""Rate over the batch size at one data size, below the critical batch. For SGD 0.4 was found on small tasks."""

TOTAL_DECAY = Law(
    Exponent(Estimate(0.0, 0.0, 0.53), ("WD-T", "CL-POWER")),
    Exponent(Estimate(0.0, -0.53, 0.0), ("WD-T", "CL-POWER")),
)
"""Rate × decay × steps: kept. In one pass over the data it rose with the tokens for each parameter, by 0.53."""


def carried_beta2(beta2: float, batch: float, new_batch: float) -> float:
    """Adam's second beta whose half-life in examples stays: ``beta2 ** (new_batch / batch)`` (CL-BETA2).

    Args:
        beta2: In [0, 1).
        batch: Batch size that it was set for, positive.
        new_batch: Batch size to carry it to, positive.
    """
    return float(beta2 ** (new_batch / batch))
