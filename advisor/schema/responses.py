"""Responses to a setting: results over its values, fits, and the best learning rate by length."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Column, Number, Part

ResponseVerdict = Literal["resolved", "edge_low", "edge_high", "flat", "unmeasured"]


class Estimate(Part, frozen=True, kw_only=True):
    """A value with its interval.

    Attributes:
        value: The best estimate.
        low: Lower end of the interval.
        high: Upper end.
    """

    value: float
    low: Number = None
    high: Number = None


class Line(Part, frozen=True, kw_only=True):
    """A fitted curve.

    Attributes:
        x: Values of the setting, ascending.
        y: Results there.
    """

    x: tuple[float, ...]
    y: Column

    def __post_init__(self) -> None:
        self.require_equal_lengths("x", "y")


class Point(Part, frozen=True, kw_only=True):
    """One tried value.

    Attributes:
        value: Value of the setting.
        loss: The objective's own number, mean over seeds.
        diverged: Whether the run diverged.
        losses: The objective for each seed.
    """

    value: float
    loss: Number
    diverged: bool = False
    losses: Column = ()


class Response(Part, frozen=True, kw_only=True):
    """Results over one setting, all else equal.

    Attributes:
        id: The setting's name where it is its longest response, else the name and a number.
        knob: Name of the setting.
        scale: Scale on which the values are compared.
        length: Length of the runs.
        context: Settings that were held fixed.
        points: Tried values.
        curve: The fit.
        best: Best value with its interval.
        noise: Standard deviation between seeds.
        verdict: What the fit supports.
        reason: Why there is no best value.
    """

    id: str
    knob: str
    scale: Literal["log", "linear"]
    length: Number
    context: str
    points: tuple[Point, ...]
    curve: Line | None
    best: Estimate | None
    noise: Number
    verdict: ResponseVerdict
    reason: str = ""


class RatesAtLength(Part, frozen=True, kw_only=True):
    """Learning rates tried at one length.

    Attributes:
        length: Length of the runs.
        batch_size: Batch size, if it was the same for all.
        response: Id of the response; null where rates were not compared.
        points: Tried rates.
        curve: The fit.
        best: Best rate with its interval.
        verdict: What the fit supports; ``single`` where rates were not compared.
        noise: Standard deviation between seeds.
    """

    length: float
    batch_size: int | None
    response: str | None
    points: tuple[Point, ...]
    curve: Line | None
    best: Estimate | None
    verdict: Literal["resolved", "edge_low", "edge_high", "flat", "unmeasured", "single"]
    noise: Number


class Drift(Part, frozen=True, kw_only=True):
    """The best rate as a function of the run length, extrapolated to the full run.

    Attributes:
        length: Lengths, ascending to 1.
        value: Best rate at each.
        low: Lower end of its interval.
        high: Upper end.
        exponent: Exponent of the best rate in the length.
        optima: Number of measured optima behind it.
        level: Level of the intervals.
    """

    length: tuple[float, ...]
    value: tuple[float, ...]
    low: Column
    high: Column
    exponent: Estimate
    optima: int
    level: float = 0.8

    def __post_init__(self) -> None:
        self.require_equal_lengths("length", "value", "low", "high")
        if not self.length:
            raise ValueError("Expected at least one length, got none")


class Rates(Part, frozen=True, kw_only=True):
    """All lengths at which learning rates were tried.

    Attributes:
        lengths: One entry for each length, shortest first.
        drift: The best rate up to the full run; null if it was not extrapolated.
        reason: Why it was not extrapolated.
    """

    lengths: tuple[RatesAtLength, ...]
    drift: Drift | None
    reason: str = ""
