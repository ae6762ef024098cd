"""Results of a fit: a value with an interval, or a failure with its reason. Fits do not raise."""

import math
from dataclasses import dataclass
from typing import Literal

Scale = Literal["log", "linear"]
ResponseVerdict = Literal["resolved", "edge_low", "edge_high", "flat", "unmeasured"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with an interval (80 % unless stated otherwise), in the knob's own units."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class FitFailed:
    """A fit without a result, and the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a knob and its results.

    Attributes:
        value: The knob's value.
        losses: Objective per repeat (lower is better); infinity where the run diverged.
        keys: Keys of the probes behind it, one per repeat.
    """

    value: float
    losses: tuple[float, ...]
    keys: tuple[str, ...] = ()

    @property
    def loss(self) -> float:
        """Mean over repeats; infinity if any of them diverged."""
        return sum(self.losses) / len(self.losses) if self.losses else float("inf")


@dataclass(frozen=True, slots=True)
class Response:
    """The response of the objective to one knob at one length, everything else fixed or re-tuned.

    Attributes:
        knob: ``lr``, ``momentum``, ``weight_decay``, ``batch_size`` or ``epochs``.
        scale: Whether the knob is compared by ratio or by difference.
        length: Length of the probes as a fraction of the full run.
        context: What was held fixed, in words.
        points: Sorted by value.
        noise: Standard deviation of the objective between repeats; NaN if never measured.
        best: Best value with its interval, or why there is none.
        verdict: ``resolved`` (interior optimum beyond noise), ``edge_low``/``edge_high`` (best at the
            border), ``flat`` (differences inside the noise), ``unmeasured``.
        curve_x: Grid of the fitted curve for drawing; empty if nothing was fitted.
        curve_y: Its values.
    """

    knob: str
    scale: Scale
    length: float
    context: str
    points: tuple[Point, ...]
    noise: float
    best: Estimate | FitFailed
    verdict: ResponseVerdict
    curve_x: tuple[float, ...] = ()
    curve_y: tuple[float, ...] = ()

    @property
    def finite(self) -> tuple[Point, ...]:
        """The points at which no run diverged."""
        return tuple(point for point in self.points if math.isfinite(point.loss))

    @property
    def reason(self) -> str:
        """Why there is no best value; empty if there is one."""
        return self.best.reason if isinstance(self.best, FitFailed) else ""
