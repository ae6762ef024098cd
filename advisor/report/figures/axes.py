"""Scales, ticks, limits and values shared by several figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from advisor.report.formatting import numeric
from advisor.schema.responses import Line
from advisor.schema.settings import Knob
from advisor.utils.jsonio import floats
from advisor.utils.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def current_and_advised(knob: Knob | None) -> tuple[float | None, float | None]:
    """The current and the recommended value of a numeric knob; None where there is none."""
    return (None, None) if knob is None else (numeric(knob.current), numeric(knob.recommended))


def fitted(line: Line | None) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The columns of a fit, NaN where it has no value; empty if there is no fit."""
    return ((), ()) if line is None else (line.x, floats(line.y))


def plain_ticks(axis_x: Axes, low: float, high: float) -> None:
    """A log x axis with ticks written out (0.01, 0.1), at 1-2-5 where it spans less than three decades."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axis_x.set_xscale("log")
    axis_x.set_xlim(low, high)
    decades = math.log10(high / low)
    steps = (1.0,) if decades >= 3 else (1.0, 3.0) if decades >= 1.5 else (1.0, 2.0, 5.0)
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    ticks = [s * 10.0**p for p in powers for s in steps if low <= s * 10.0**p <= high]
    every = max(1, math.ceil(len(ticks) / 7))
    axis_x.xaxis.set_major_locator(FixedLocator(ticks[::every]))
    axis_x.xaxis.set_minor_locator(NullLocator())
    axis_x.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(float(value), 2)))


def loss_limits(values: Sequence[float], generous: float = 3.0, upwards: bool = False) -> tuple[float, float]:
    """Axis limits that show the good values in detail and cut off extremes.

    Args:
        values: Losses, non-finite ones ignored.
        generous: The cut is this many times the distance from minimum to median above the minimum. Values
            up to twice as far are kept visible.
        upwards: Whether higher is better.
    """
    if upwards:
        low, high = loss_limits([-value for value in values], generous)
        return -high, -low
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    reach = generous * (median(known) - low)
    high = low + reach if reach > 0 and high - low > 2 * reach else high
    span = high - low or abs(low) * 0.1 or 1.0
    return low - 0.08 * span, high + 0.08 * span


def loss_scale(axes: Axes, low: float, high: float) -> None:
    """Sets the limits of the loss axis, with at most five plain ticks."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_ylim(low, high)
    locator = MaxNLocator(5)
    axes.yaxis.set_major_locator(locator)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(float(round(value, 12)), 4)))


def value_ticks(axes: Axes, positions: Sequence[float], words: Sequence[str]) -> None:
    """Ticks at the tried values; labels that would overlap the previous one are left out."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    kept: list[tuple[float, str]] = []
    reached = -math.inf
    for position, label in sorted(zip(positions, words, strict=True)):
        pixel = float(axes.transData.transform((position, 0))[0])
        half = 3.4 * len(label)
        if pixel - half > reached + 6:
            kept.append((position, label))
            reached = pixel + half
    axes.xaxis.set_major_locator(FixedLocator([position for position, _ in kept]))
    axes.xaxis.set_major_formatter(FixedFormatter([label for _, label in kept]))
    axes.xaxis.set_minor_locator(NullLocator())
