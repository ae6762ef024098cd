"""The JSON of ``advisor carry``: settings for a run that is larger than those of a table."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Number, Part
from advisor.schema.finding import Source
from advisor.schema.responses import Estimate


class SizeOptimum(Part, frozen=True, kw_only=True):
    """The best settings of one size of run.

    Attributes:
        data: Examples or tokens that its runs train on.
        parameters: Parameters of the model; null if the table has none.
        runs: Runs of this size.
        rate: Best peak learning rate.
        batch_size: Best batch size, in the unit of the table; null if fewer than three were tried.
    """

    data: float
    parameters: Number
    runs: int
    rate: Estimate
    batch_size: Estimate | None


class CarryReport(Part, frozen=True, kw_only=True):
    """Rate and batch size carried from the runs of a table to a larger run.

    Attributes:
        schema: Schema version.
        table: The file.
        sizes: The sizes in it, smallest first.
        data: Examples or tokens of the run that was asked for.
        parameters: Its parameters; null if not given.
        rate: Its peak learning rate, with an 80 % interval.
        batch_size: Its batch size, with an 80 % interval.
        rate_over_data: Exponent of the rate over the data, measured and published values pooled.
        batch_size_over_data: The same of the batch size.
        batch_size_kept: Whether the batch size of the largest runs was kept.
        notes: What else to carry, and what limits the answer.
        sources: The published laws.
    """

    schema: Literal[1] = 1
    table: str
    sizes: tuple[SizeOptimum, ...]
    data: float
    parameters: Number
    rate: Estimate
    batch_size: Estimate
    rate_over_data: Estimate
    batch_size_over_data: Estimate
    batch_size_kept: bool
    notes: tuple[str, ...]
    sources: tuple[Source, ...]
