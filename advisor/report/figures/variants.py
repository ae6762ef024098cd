"""Figures of a comparison: the result of each variant under each seed, and the learning rate of each variant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean
from typing import TYPE_CHECKING

from advisor.report.figures.axes import fitted, loss_limits, loss_scale, plain_ticks
from advisor.report.figures.base import BAD, BAND, INK, MUTED, VAL, WIDTH, Figure, beside, draw, key, place, spread
from advisor.report.formatting import one_line, setting
from advisor.schema.comparison import Variant
from advisor.utils.numbers import NONE, fixed, number, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_ROW, _LABEL = 46, 116
_SHORT = 16


def results_figure(variants: Sequence[Variant], varied: str, goal: str, level: float, anchor: str) -> Figure:
    """Left: the result of every seed and the mean. Right: the paired difference to the first variant, with interval."""
    title = f"{goal[:1].upper()}{goal[1:]} of each {one_line(varied, 40)}, and the difference to the first"
    share = f"{level:.0%} "
    description = " ".join(_said(variant, varied, goal) for variant in variants)
    height = 90 + _ROW * len(variants)
    svg = draw(anchor, title, description, height, lambda canvas: _results(canvas, variants, goal))
    head = (one_line(varied, 40), "learning rate", f"mean {goal}", "by seed", "difference to the first", "verdict")
    note = (
        f"Each value with its own best learning rate, under the same fresh seeds. Right: the difference seed by "
        f"seed, with its {share}interval; only an interval that excludes 0 counts as a difference."
    )
    entries = [("• one seed", MUTED), ("● mean", VAL), (f"━ difference, {share}interval", BAND)]
    entries += [("× diverged", BAD)] if any(_gone(variant) for variant in variants) else []
    rows = tuple(_row(variant) for variant in variants)
    return Figure("results", anchor, title, description, svg, head, rows, note, key(*entries))


def name_of(variant: Variant, limit: int = 60) -> str:
    """The value of a variant on one line."""
    return one_line(setting(variant.value), limit)


def finite_losses(variant: Variant) -> list[float]:
    """The results of the finished seeds."""
    return [loss for loss in variant.losses if loss is not None]


def _gone(variant: Variant) -> int:
    return sum(loss is None for loss in variant.losses)


def difference(variant: Variant) -> str:
    """The paired difference with its interval; a dash for the reference."""
    if variant.difference is None:
        return NONE
    span = f"{signed(variant.low)} to {signed(variant.high)}"
    return f"{signed(variant.difference)} ({span})"


def _said(variant: Variant, varied: str, goal: str) -> str:
    losses = finite_losses(variant)
    shown = f"mean {goal} {number(mean(losses))}" if losses else "no seed finished"
    apart = difference(variant)
    more = f", difference {apart}" if apart != NONE else ""
    return f"{one_line(varied, 40)} {name_of(variant)}: {shown}{more}."


def _row(variant: Variant) -> tuple[str, ...]:
    losses = finite_losses(variant)
    seeds = ", ".join("diverged" if loss is None else fixed(loss) for loss in variant.losses)
    shown = fixed(mean(losses) if losses else None)
    return (name_of(variant), number(variant.lr), shown, seeds or NONE, difference(variant), variant.verdict)


def _results(canvas: Canvas, variants: Sequence[Variant], goal: str) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    half = 190
    left = place(canvas, (_LABEL, 20, WIDTH - _LABEL - half, 44))
    right = place(canvas, (_LABEL + half + 24, 20, 16, 44))
    for axes in (left, right):
        axes.set_ylim(len(variants) - 0.4, -0.6)
        axes.yaxis.set_major_locator(FixedLocator([]))
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(float(round(value, 12)), 3)))
    known = [loss for variant in variants for loss in finite_losses(variant)]
    low, high = loss_limits(known, generous=8)
    left.set_xlim(low, high)
    for row, variant in enumerate(variants):
        _variant(left, right, row, variant, (low, high))
    right.axvline(0, color=INK, linewidth=1, zorder=2)
    ends = [end for variant in variants for end in (variant.low, variant.high) if end is not None]
    reach = max(map(abs, ends), default=1.0) or 1.0
    right.set_xlim(min([*ends, -0.15 * reach]) - 0.08 * reach, max([*ends, 0.15 * reach]) + 0.08 * reach)
    left.set_xlabel(goal)
    right.set_xlabel("difference to the first")


def _variant(left: Axes, right: Axes, row: int, variant: Variant, span: tuple[float, float]) -> None:
    losses = finite_losses(variant)
    inside = [loss for loss in losses if loss <= span[1]]
    left.annotate(
        name_of(variant, _SHORT),
        (0, row),
        (-10, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        va="center",
        color=INK,
        fontsize=11,
        fontweight="bold",
        annotation_clip=False,
    )
    left.plot(inside, [row] * len(inside), "o", color=MUTED, markersize=4, alpha=0.8, mew=0, zorder=4)
    if losses and mean(losses) <= span[1]:
        left.plot([mean(losses)], [row], "o", color=VAL, markersize=7.5, mew=0, zorder=5)
    elif losses:
        left.plot([span[1]], [row], ">", color=VAL, markersize=7, clip_on=False, zorder=5)
    if _gone(variant):
        left.plot([span[1]], [row], "x", color=BAD, markersize=7, mew=2, clip_on=False, zorder=5)
    apart, low, high = variant.difference, variant.low, variant.high
    if apart is not None and low is not None and high is not None:
        right.plot([low, high], [row, row], color=BAND, linewidth=2.4, zorder=4)
        right.plot([apart], [row], "o", color=BAND, markersize=7, mew=0, zorder=5)


def tuned_figure(variants: Sequence[Variant], varied: str, goal: str, anchor: str) -> Figure | None:
    """Result over learning rate for each variant: what was re-tuned to make the comparison fair."""
    shown = [variant for variant in variants if _points(variant)]
    if not shown:
        return None
    title = f"The learning rate of each {one_line(varied, 40)}"
    parts = [f"{goal[:1].upper()}{goal[1:]} over learning rate, log scale, for {len(shown)} values."]
    parts += [f"Best for {name_of(variant)}: {number(variant.lr)}." for variant in shown]
    description = " ".join(parts)
    svg = draw(anchor, title, description, 300, lambda canvas: _tuned(canvas, shown, goal))
    rows = tuple(
        (name_of(variant), number(rate), fixed(loss) if loss is not None else "diverged", _which(variant, rate))
        for variant in shown
        for rate, loss in _points(variant)
    )
    head = (one_line(varied, 40), "learning rate", goal, "chosen")
    entries = key(("●━ short runs and fit", VAL), ("◆ rate used", BAND))
    note = "Short runs that determined each value's own rate, before the comparison and under a separate seed."
    return Figure("tuned", anchor, title, description, svg, head, rows, note, entries)


def _which(variant: Variant, rate: float) -> str:
    nearest = min(_points(variant), key=lambda point: abs(point[0] - variant.lr))
    return "nearest to the chosen rate" if rate == nearest[0] else ""


def _points(variant: Variant) -> list[tuple[float, float | None]]:
    return [(p.value, p.loss) for p in variant.rates.points if p.value > 0] if variant.rates else []


def _tuned(canvas: Canvas, variants: Sequence[Variant], goal: str) -> None:
    axes = place(canvas, (60, 14, 110, 44))
    points = [point for variant in variants for point in _points(variant)]
    rates = [rate for rate, _ in points]
    plain_ticks(axes, min(rates) / 1.3, max(rates) * 1.3)
    low, high = loss_limits([loss for _, loss in points if loss is not None], generous=5)
    loss_scale(axes, low, high)
    axes.set_xlabel("learning rate, log scale")
    axes.set_ylabel(goal)
    ends: list[tuple[float, str]] = []
    for index, variant in enumerate(variants):
        alpha = 0.45 + 0.55 * index / max(1, len(variants) - 1)
        x, y = fitted(variant.rates.curve if variant.rates else None)
        axes.plot(x, y, color=VAL, linewidth=1.8, alpha=alpha)
        known = [(rate, loss) for rate, loss in _points(variant) if loss is not None]
        axes.plot([r for r, _ in known], [v for _, v in known], "o", color=VAL, markersize=5.5, alpha=alpha, mew=0)
        best = variant.lr
        line = [(a, b) for a, b in zip(x, y, strict=True) if a > 0 and math.isfinite(b)] or known
        if best > 0 and line:
            height = min(line, key=lambda p: abs(math.log(p[0] / best)))[1]
            axes.plot([best], [min(height, high)], "D", color=BAND, markersize=7, alpha=alpha, zorder=6)
        ends += [(min(known[-1][1], high), name_of(variant, 14))] if known else []
    moved = spread([value for value, _ in ends], 0.08 * (high - low))
    for y_at, (_, words) in zip(moved, ends, strict=True):
        beside(axes, y_at, words, VAL)
