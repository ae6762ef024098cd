"""The drawing of all lengths: results over rate above, best rate over length below, on one shared axis of rates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.report.figures.axes import fitted, loss_limits, loss_scale, plain_ticks
from advisor.report.figures.base import BAD, BAND, MUTED, NOW, VAL, beside, marks, place, spread
from advisor.schema.responses import Drift, RatesAtLength
from advisor.utils.jsonio import floats
from advisor.utils.numbers import length, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

HEIGHT = 452
_BOTTOM = 148
_FAR = 6.0
"""A current rate further outside the measured range than this factor is shown by an arrow at the border."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Current rate, recommended rate, recommended length as a share of the full run, and the good direction."""

    now: float | None
    advised: float | None
    reach: float
    upwards: bool = False


def paint(canvas: Canvas, runs: list[RatesAtLength], drift: Drift | None, said: Marks, goal: str) -> None:
    """Draws both panels."""
    upper = place(canvas, (60, 40, 96, _BOTTOM + 18))
    lower = place(canvas, (60, HEIGHT - _BOTTOM, 96, 44))
    low, high = _reach(runs, drift, said)
    for axes in (upper, lower):
        plain_ticks(axes, low, high)
    upper.tick_params(labelbottom=False)
    _results(upper, runs, said.upwards)
    upper.set_ylabel(goal)
    lower.set_xlabel("learning rate, log scale")
    _lengths(lower, runs, drift, said)
    lines = []
    if said.advised is not None and low <= said.advised <= high:
        lines.append((said.advised, f"advised {number(said.advised)}", BAND, "-"))
    if said.now is not None and low <= said.now <= high:
        same = said.advised is not None and math.isclose(said.now, said.advised, rel_tol=0.02)
        lines = [(said.now, f"current and advised {number(said.now)}", BAND, "-")] if same else lines
        lines += [] if same else [(said.now, f"current {number(said.now)}", NOW, "--")]
    elif said.now is not None and said.now > 0:
        left = said.now < low
        words = f"← current {number(said.now)}" if left else f"current {number(said.now)} →"
        upper.annotate(
            words,
            (0 if left else 1, 1),
            (0, 5),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="left" if left else "right",
            color=NOW,
            fontsize=11,
            fontweight="bold",
        )
    marks(upper, lines)
    for x, _, colour, dashes in lines:
        lower.axvline(x, color=colour, linewidth=1.4, linestyle=dashes, zorder=3)


def _reach(runs: list[RatesAtLength], drift: Drift | None, said: Marks) -> tuple[float, float]:
    """Range of the rates on the axis, with margins on both sides."""
    known = [point.value for run in runs for point in run.points]
    known += [run.best.value for run in runs if run.best]
    known += [said.advised] if said.advised else []
    rates = [rate for rate in known if rate > 0]
    low, high = min(rates), max(rates)
    ends = [rate for rate in (drift.low[-1], drift.high[-1]) if rate and rate > 0] if drift else []
    low, high = (min([low, *(max(rate, low / 2) for rate in ends)]), max([high, *(min(r, high * 2) for r in ends)]))
    if said.now and low / _FAR <= said.now <= high * _FAR:
        low, high = min(low, said.now), max(high, said.now)
    room = max((high / low) ** 0.06, 1.15)
    return low / room, high * room


def _strength(runs: list[RatesAtLength], index: int) -> float:
    """Opacity of a run: longer runs are drawn stronger."""
    return 1.0 if len(runs) < 2 else 0.45 + 0.55 * index / (len(runs) - 1)


def _results(axes: Axes, runs: list[RatesAtLength], upwards: bool) -> None:
    points = [p for run in runs for p in run.points]
    shown = [loss for p in points if (loss := p.loss) is not None]
    curve = [value for run in runs for value in fitted(run.curve)[1] if math.isfinite(value)]
    floor, top = loss_limits(shown or [0.0, 1.0], 4, upwards)
    room = 0.06 * (top - floor)
    if upwards:
        top = max([top, *(value + room for value in curve)])
    else:
        floor = min([floor, *(value - room for value in curve)])
    loss_scale(axes, floor, top)
    ends: list[tuple[float, str]] = []
    for index, run in enumerate(runs):
        alpha, noise = _strength(runs, index), run.noise or 0.0
        x, y = fitted(run.curve)
        axes.plot(x, y, color=VAL, linewidth=1.8, alpha=alpha, zorder=3)
        if noise and x:
            axes.fill_between(x, [v - noise for v in y], [v + noise for v in y], color=VAL, alpha=0.1, linewidth=0)
        _points(axes, run, alpha, noise, (floor, top))
        _best(axes, run, x, y, alpha)
        last = [(rate, loss) for rate, loss in _finite(run) if floor <= loss <= top] or _finite(run)[-1:]
        ends += [(min(max(last[-1][1], floor), top), f"{length(run.length)} of run")] if last else []
    moved = spread([value for value, _ in ends], 0.075 * (top - floor))
    for y_at, (_, words) in zip(moved, ends, strict=True):
        beside(axes, y_at, words, VAL)


def _finite(run: RatesAtLength) -> list[tuple[float, float]]:
    return [(p.value, p.loss) for p in run.points if p.value > 0 and p.loss is not None]


def _points(axes: Axes, run: RatesAtLength, alpha: float, noise: float, span: tuple[float, float]) -> None:
    up = axes.get_xaxis_transform()
    single = run.verdict == "single"
    for rate, loss in _finite(run):
        if not span[0] <= loss <= span[1]:
            at, mark = (0.97, "^") if loss > span[1] else (0.03, "v")
            axes.plot([rate], [at], mark, color=VAL, markersize=7, alpha=alpha, transform=up, clip_on=False, zorder=5)
            continue
        if noise:
            axes.plot([rate, rate], [loss - noise, loss + noise], color=VAL, linewidth=1.2, alpha=alpha, zorder=4)
        inside = "none" if single else VAL
        axes.plot([rate], [loss], "o", color=VAL, markersize=6, alpha=alpha, markerfacecolor=inside, mew=1.4, zorder=5)
    for point in run.points:
        if point.diverged and point.value > 0:
            axes.plot([point.value], [0.97], "x", color=BAD, markersize=7, mew=2, transform=up)


def _best(axes: Axes, run: RatesAtLength, x: Sequence[float], y: Sequence[float], alpha: float) -> None:
    """The best rate on the curve, with its interval as a bar."""
    best = run.best
    if best is None or best.value <= 0:
        return
    known = [(abs(math.log(a / best.value)), b) for a, b in zip(x, y, strict=True) if a > 0 and math.isfinite(b)]
    if not known:
        return
    height = min(known)[1]
    if best.low is not None and best.high is not None and best.low > 0:
        axes.plot([best.low, best.high], [height, height], color=VAL, linewidth=3, alpha=0.35 * alpha + 0.15, zorder=4)
    axes.plot([best.value], [height], "D", color=VAL, markersize=6.5, alpha=alpha, zorder=6)


def _lengths(axes: Axes, runs: list[RatesAtLength], drift: Drift | None, said: Marks) -> None:
    """Best rate over length, with the full run at the bottom."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    shares = [run.length for run in runs]
    axes.set_yscale("log")
    ticks = sorted({*shares, said.reach, 1.0})
    kept = [tick for i, tick in enumerate(ticks) if not i or tick / ticks[i - 1] > 1.25 or tick == 1.0]
    axes.set_ylim(max(ticks) * 1.35, min(ticks) / 1.35)
    axes.yaxis.set_major_locator(FixedLocator(kept))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FixedFormatter([length(tick) for tick in kept]))
    axes.set_ylabel("length")
    if drift is not None:
        axes.fill_betweenx(drift.length, floats(drift.low), floats(drift.high), color=BAND, alpha=0.13, linewidth=0)
        axes.plot(drift.value, drift.length, color=BAND, linewidth=1.4, linestyle=(0, (3, 3)))
        beside(axes, drift.length[-1], f"this line:\n{number(drift.value[-1])}", BAND)
    for index, run in enumerate(runs):
        _length(axes, run, _strength(runs, index))
    if said.advised:
        axes.plot([said.advised], [said.reach], "D", color=BAND, markersize=8, zorder=7)


def _length(axes: Axes, run: RatesAtLength, alpha: float) -> None:
    best, share = run.best, run.length
    if run.verdict == "single":
        rates = [rate for rate, _ in _finite(run)]
        axes.plot(
            rates, [share] * len(rates), "o", color=MUTED, markersize=5, markerfacecolor="none", mew=1.2, zorder=5
        )
        return
    if best is None or best.value <= 0:
        return
    if best.low is not None and best.high is not None and best.low > 0:
        axes.plot([best.low, best.high], [share, share], color=VAL, linewidth=3, alpha=0.35 * alpha + 0.15, zorder=4)
    marker = {"edge_low": "<", "edge_high": ">"}.get(run.verdict, "D")
    axes.plot([best.value], [share], marker, color=VAL, markersize=6.5, alpha=alpha, zorder=6)
