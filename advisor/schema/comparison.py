"""compare.json: values of one argument or setting, each with its own learning rate, per seed."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Column, Facts, Number, Part, Setting
from advisor.schema.responses import RatesAtLength

VariantVerdict = Literal["reference", "better", "worse", "no difference beyond the noise", "fails"]


class Variant(Part, frozen=True, kw_only=True):
    """One compared value.

    Attributes:
        value: The value as given.
        lr: Its own best learning rate.
        losses: Result for each seed; null where it diverged.
        difference: Mean paired difference to the first value; negative is better, null for the first.
        low: Lower end of its interval.
        high: Upper end.
        verdict: What the interval supports.
        rates: The short runs that determined its rate.
    """

    value: Setting
    lr: float
    losses: Column
    difference: Number = None
    low: Number = None
    high: Number = None
    verdict: VariantVerdict = "reference"
    rates: RatesAtLength | None = None


class CompareCost(Part, frozen=True, kw_only=True):
    """Cost of a comparison.

    Attributes:
        full_runs: Cost in full runs.
    """

    full_runs: float


class ComparisonReport(Part, frozen=True, kw_only=True):
    """The result of ``advisor compare``.

    Attributes:
        schema: Schema version.
        name: Name of the task.
        run: Name of the run.
        varied: Name of the argument or setting that was varied.
        variants: In the order given; the first is the reference.
        length: Length of the runs, as a share of the full run.
        fixed: What was held fixed.
        objective: What runs were judged by.
        level: Level of the intervals.
        cost: Cost of the comparison.
        provenance: Versions, device, seed, command and start.
    """

    schema: Literal[1] = 1
    name: str
    run: str
    varied: str
    variants: tuple[Variant, ...]
    length: float
    fixed: str
    objective: str
    level: float
    cost: CompareCost
    provenance: Facts
