"""The drawing of all lengths: results over rate above, best rate over length below, on one axis of rates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor.report.figures.axes import loss_limits, loss_scale, plain_ticks
from advisor.report.figures.base import BAD, BAND, MUTED, NOW, VAL, beside, marks, place, spread
from advisor.report.formatting import length, number
from advisor.report.lenient import column, finite, mapping, mappings, paired, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

HEIGHT = 452
_BOTTOM = 148
_FAR = 6.0
"""A rate in use this many times away from what was measured is shown by an arrow at the border."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Rate in use, advised rate, the length it is advised for as a share of the full run, and the good direction."""

    now: float | None
    advised: float | None
    reach: float
    upwards: bool = False


def paint(canvas: Canvas, runs: list[dict[str, Any]], drift: dict[str, Any], said: Marks, goal: str) -> None:
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
        lines = [(said.now, f"now and advised {number(said.now)}", BAND, "-")] if same else lines
        lines += [] if same else [(said.now, f"now {number(said.now)}", NOW, "--")]
    elif said.now is not None and said.now > 0:
        left = said.now < low
        words = f"← now {number(said.now)}" if left else f"now {number(said.now)} →"
        upper.annotate(
            words, (0 if left else 1, 1), (0, 5), xycoords="axes fraction", textcoords="offset points",
            ha="left" if left else "right", color=NOW, fontsize=11, fontweight="bold",
        )  # fmt: skip
    marks(upper, lines)
    for x, _, colour, dashes in lines:
        lower.axvline(x, color=colour, linewidth=1.4, linestyle=dashes, zorder=3)


def _reach(runs: list[dict[str, Any]], drift: dict[str, Any], said: Marks) -> tuple[float, float]:
    """Rates from the lowest to the highest that must be seen, with room on both sides."""
    known = [rate for run in runs for point in mappings(run.get("points")) if (rate := finite(point.get("value")))]
    known += [rate for run in runs if (rate := finite(mapping(run.get("best")).get("value")))]
    known += [said.advised] if said.advised else []
    rates = [rate for rate in known if rate > 0]
    low, high = min(rates), max(rates)
    ends = [rate for name in ("low", "high") for rate in column(drift.get(name))[-1:] if rate > 0]
    low, high = (min([low, *(max(rate, low / 2) for rate in ends)]), max([high, *(min(r, high * 2) for r in ends)]))
    if said.now and low / _FAR <= said.now <= high * _FAR:
        low, high = min(low, said.now), max(high, said.now)
    room = max((high / low) ** 0.06, 1.15)
    return low / room, high * room


def _strength(runs: list[dict[str, Any]], index: int) -> float:
    """Longer runs are drawn stronger."""
    return 1.0 if len(runs) < 2 else 0.45 + 0.55 * index / (len(runs) - 1)


def _results(axes: Axes, runs: list[dict[str, Any]], upwards: bool) -> None:
    points = [p for run in runs for p in mappings(run.get("points"))]
    shown = [loss for p in points if (loss := finite(p.get("loss"))) is not None]
    fitted = [value for run in runs for value in column(mapping(run.get("curve")).get("y")) if math.isfinite(value)]
    floor, top = loss_limits(shown or [0.0, 1.0], 4, upwards)
    room = 0.06 * (top - floor)
    if upwards:
        top = max([top, *(value + room for value in fitted)])
    else:
        floor = min([floor, *(value - room for value in fitted)])
    loss_scale(axes, floor, top)
    ends: list[tuple[float, str]] = []
    for index, run in enumerate(runs):
        alpha, noise = _strength(runs, index), finite(run.get("noise")) or 0.0
        x, y = paired(mapping(run.get("curve")).get("x"), mapping(run.get("curve")).get("y"))
        axes.plot(x, y, color=VAL, linewidth=1.8, alpha=alpha, zorder=3)
        if noise and x:
            axes.fill_between(x, [v - noise for v in y], [v + noise for v in y], color=VAL, alpha=0.1, linewidth=0)
        _points(axes, run, alpha, noise, (floor, top))
        _best(axes, run, x, y, alpha)
        last = [(rate, loss) for rate, loss in _finite(run) if floor <= loss <= top] or _finite(run)[-1:]
        ends += [(min(max(last[-1][1], floor), top), f"{length(run.get('length'))} of run")] if last else []
    moved = spread([value for value, _ in ends], 0.075 * (top - floor))
    for y_at, (_, words) in zip(moved, ends, strict=True):
        beside(axes, y_at, words, VAL)


def _finite(run: dict[str, Any]) -> list[tuple[float, float]]:
    pairs = [(finite(p.get("value")), finite(p.get("loss"))) for p in mappings(run.get("points"))]
    return [(rate, loss) for rate, loss in pairs if rate is not None and rate > 0 and loss is not None]


def _points(axes: Axes, run: dict[str, Any], alpha: float, noise: float, span: tuple[float, float]) -> None:
    up = axes.get_xaxis_transform()
    single = run.get("verdict") == "single"
    for rate, loss in _finite(run):
        if not span[0] <= loss <= span[1]:
            at, mark = (0.97, "^") if loss > span[1] else (0.03, "v")
            axes.plot([rate], [at], mark, color=VAL, markersize=7, alpha=alpha, transform=up, clip_on=False, zorder=5)
            continue
        if noise:
            axes.plot([rate, rate], [loss - noise, loss + noise], color=VAL, linewidth=1.2, alpha=alpha, zorder=4)
        inside = "none" if single else VAL
        axes.plot([rate], [loss], "o", color=VAL, markersize=6, alpha=alpha, markerfacecolor=inside, mew=1.4, zorder=5)
    for point in mappings(run.get("points")):
        gone = finite(point.get("value"))
        if point.get("diverged") and gone is not None and gone > 0:
            axes.plot([gone], [0.97], "x", color=BAD, markersize=7, mew=2, transform=up)


def _best(axes: Axes, run: dict[str, Any], x: list[float], y: list[float], alpha: float) -> None:
    """The best rate on its curve, with its interval as a bar."""
    best = mapping(run.get("best"))
    value, low, high = (finite(best.get(name)) for name in ("value", "low", "high"))
    known = [
        (abs(math.log(a / value)), b) for a, b in zip(x, y, strict=True) if value and a * value > 0 and math.isfinite(b)
    ]
    if value is None or value <= 0 or not known:
        return
    height = min(known)[1]
    if low is not None and high is not None and low > 0:
        axes.plot([low, high], [height, height], color=VAL, linewidth=3, alpha=0.35 * alpha + 0.15, zorder=4)
    axes.plot([value], [height], "D", color=VAL, markersize=6.5, alpha=alpha, zorder=6)


def _lengths(axes: Axes, runs: list[dict[str, Any]], drift: dict[str, Any], said: Marks) -> None:
    """Best rate over length, the full run at the bottom."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    shares = [float(run["length"]) for run in runs]
    at, value, low, high = (column(drift.get(name)) for name in ("length", "value", "low", "high"))
    axes.set_yscale("log")
    ticks = sorted({*shares, said.reach, 1.0})
    kept = [tick for i, tick in enumerate(ticks) if not i or tick / ticks[i - 1] > 1.25 or tick == 1.0]
    axes.set_ylim(max(ticks) * 1.35, min(ticks) / 1.35)
    axes.yaxis.set_major_locator(FixedLocator(kept))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FixedFormatter([length(tick) for tick in kept]))
    axes.set_ylabel("length")
    if at and len({len(at), len(value), len(low), len(high)}) == 1:
        axes.fill_betweenx(at, low, high, color=BAND, alpha=0.13, linewidth=0)
        axes.plot(value, at, color=BAND, linewidth=1.4, linestyle=(0, (3, 3)))
        beside(axes, at[-1], f"this line:\n{number(value[-1])}", BAND)
    for index, run in enumerate(runs):
        _length(axes, run, _strength(runs, index))
    if said.advised:
        axes.plot([said.advised], [said.reach], "D", color=BAND, markersize=8, zorder=7)


def _length(axes: Axes, run: dict[str, Any], alpha: float) -> None:
    best, share = mapping(run.get("best")), float(run["length"])
    value, low, high = (finite(best.get(name)) for name in ("value", "low", "high"))
    verdict = text(run.get("verdict"))
    if verdict == "single":
        rates = [rate for rate, _ in _finite(run)]
        axes.plot(
            rates, [share] * len(rates), "o", color=MUTED, markersize=5, markerfacecolor="none", mew=1.2, zorder=5
        )
        return
    if value is None or value <= 0:
        return
    if low is not None and high is not None and low > 0:
        axes.plot([low, high], [share, share], color=VAL, linewidth=3, alpha=0.35 * alpha + 0.15, zorder=4)
    marker = {"edge_low": "<", "edge_high": ">"}.get(verdict, "D")
    axes.plot([value], [share], marker, color=VAL, markersize=6.5, alpha=alpha, zorder=6)
