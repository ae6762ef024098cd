"""Training curves: training and validation loss, the gap between them, and the schedule below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.report.figures.axes import loss_limits, loss_scale
from advisor.report.figures.base import MUTED, TRAIN, VAL, WIDTH, Figure, beside, draw, key, place, spread
from advisor.report.formatting import one_line, ran_with
from advisor.report.smooth import latest, thin, trailing_mean
from advisor.schema.report import Report
from advisor.schema.series import Curve
from advisor.utils.jsonio import floats
from advisor.utils.numbers import count, fixed, length, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_PANELS, _POINTS, _ROWS = 3, 300, 40
_HEIGHT, _LABELS = 316, 104
_KEY = key(
    ("━ training loss, smoothed (raw: faint)", TRAIN),
    ("●━ validation loss, ring: lowest", VAL),
    ("━ learning rate", MUTED),
)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One named curve as drawn; NaN where nothing was measured."""

    name: str
    step: tuple[int, ...]
    train: tuple[float, ...]
    smooth: list[float]
    rate: tuple[float, ...]
    eval_step: tuple[int, ...]
    val: tuple[float, ...]


def curves_figure(report: Report, anchor: str) -> Figure:
    """Up to three training curves, one panel each; without a drawing if there is no data."""
    title = "Training curves"
    usable = [curve for curve in report.series.curves if _usable(curve)]
    if not usable:
        return Figure("curves", anchor, title, "", note="No training curve was recorded, so none is drawn.")
    drawn = [_drawn(report, curve) for curve in usable[:_PANELS]]
    description = " ".join(_describe(curve) for curve in drawn)
    svg = draw(anchor, title, description, _HEIGHT * len(drawn), lambda canvas: _paint(canvas, drawn))
    head = ("curve", "step", "training loss, smoothed", "validation loss", "gap", "learning rate")
    rows = tuple(row for curve in drawn for row in _rows(curve))
    left = len(usable) - len(drawn)
    note = _verdict(report) + (f" {left} more curves are in report.json and in the TensorBoard logs." if left else "")
    return Figure("curves", anchor, title, description, svg, head, rows, note, _KEY)


def _usable(curve: Curve) -> bool:
    known = [value for value in curve.train_loss if value is not None]
    return len(known) >= 2 or any(value is not None for value in curve.val_loss)


def _drawn(report: Report, curve: Curve) -> _Drawn:
    named = ran_with(report.arms, curve, without=("weight_decay", "momentum"))
    train = floats(curve.train_loss)
    return _Drawn(
        f"{length(curve.length)} of the run: {named}",
        curve.step,
        train,
        trailing_mean(train),
        floats(curve.lr),
        curve.eval_step,
        floats(curve.val_loss),
    )


def _verdict(report: Report) -> str:
    """Titles of the findings about the length of training."""
    found = [f for f in report.findings if f.verdict == "detected"]
    said = [one_line(f.title) for f in found if f.code[:2] in ("EP", "FT")]
    said = [title for title in said if title and "predicted" not in title]
    return f"Read as: {'; '.join(dict.fromkeys(said))}." if said else ""


def _last(values: Sequence[float]) -> float | None:
    return next((value for value in reversed(values) if math.isfinite(value)), None)


def _describe(curve: _Drawn) -> str:
    ends = f"training loss ends at {fixed(_last(curve.smooth))}, validation loss at {fixed(_last(curve.val))}"
    return f"{curve.name}: {count(len(curve.step))} steps; {ends}."


def _paint(canvas: Canvas, curves: list[_Drawn]) -> None:
    height = _HEIGHT * len(curves)
    for index, curve in enumerate(curves):
        up, down = index * _HEIGHT, (len(curves) - 1 - index) * _HEIGHT
        upper = place(canvas, (60, up + 30, _LABELS, down + 118))
        lower = place(canvas, (60, up + _HEIGHT - 100, _LABELS, down + 44))
        canvas.text(4 / WIDTH, 1 - (up + 14) / height, curve.name, color=MUTED, fontsize=11)
        _panel(upper, curve)
        _schedule(lower, curve)
        lower.set_xlim(*upper.get_xlim())
        upper.tick_params(labelbottom=False)


def _panel(axes: Axes, curve: _Drawn) -> None:
    eval_step, val = curve.eval_step, curve.val
    keep = thin(len(curve.step), _POINTS)
    x, raw, soft = ([column[i] for i in keep] for column in (curve.step, curve.train, curve.smooth))
    axes.plot(x, raw, color=TRAIN, linewidth=0.8, alpha=0.3)
    axes.plot(x, soft, color=TRAIN, linewidth=2)
    axes.plot(eval_step, val, color=VAL, linewidth=1.8, marker="o", markersize=3)
    base = latest(curve.step, curve.smooth, eval_step)
    axes.fill_between(eval_step, base, val, color=VAL, alpha=0.1, linewidth=0)
    low, high = loss_limits([*soft, *val], generous=6)
    loss_scale(axes, low, high)
    _lowest(axes, eval_step, val)
    axes.set_ylabel("loss")
    known = [*x, *eval_step]
    axes.set_xlim(min(known), max(known) if max(known) > min(known) else min(known) + 1)
    ends = [
        (value, f"{words} {number(value)}", colour)
        for value, words, colour in ((_last(soft), "train", TRAIN), (_last(val), "val", VAL))
        if value is not None
    ]
    moved = spread([min(max(value, low), high) for value, _, _ in ends], 0.08 * (high - low))
    for place_y, (_, words, colour) in zip(moved, ends, strict=True):
        beside(axes, place_y, words, colour)
    gap = _last([v - b for v, b in zip(val, base, strict=True)])
    if gap is not None and len(moved) == 2:
        below = min(moved) - 0.09 * (high - low)
        spot = below if below > low else max(moved) + 0.09 * (high - low)
        beside(axes, spot, f"gap {number(float(gap), 2)}", MUTED)


def _lowest(axes: Axes, steps: Sequence[int], val: Sequence[float]) -> None:
    """A ring around the lowest validation loss, labelled unless it is the last evaluation."""
    known = [(value, step) for step, value in zip(steps, val, strict=True) if math.isfinite(value)]
    if len(known) < 3:
        return
    value, step = min(known)
    axes.plot([step], [value], "o", color=VAL, markersize=10, markerfacecolor="none", mew=1.4, zorder=5)
    if step < known[-1][1]:
        words = f"lowest {number(value)}"
        axes.annotate(words, (step, value), (0, 11), textcoords="offset points", ha="center", color=VAL, fontsize=11)


def _schedule(axes: Axes, curve: _Drawn) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter

    keep = thin(len(curve.step), _POINTS)
    axes.plot([curve.step[i] for i in keep], [curve.rate[i] for i in keep], color=MUTED, linewidth=1.4)
    axes.set_xlabel("optimizer step")
    known = [value for value in curve.rate if math.isfinite(value)]
    peak = max(known, default=0.0)
    if peak > 0:
        axes.set_ylim(0, 1.1 * peak)
        axes.yaxis.set_major_locator(FixedLocator([0, peak]))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(float(value), 2)))
        beside(axes, 0.55 * peak, "learning rate", MUTED)
    else:
        axes.yaxis.set_major_locator(FixedLocator([]))


def _rows(curve: _Drawn) -> list[tuple[str, ...]]:
    at = curve.eval_step or curve.step
    base, rates = latest(curve.step, curve.smooth, at), latest(curve.step, curve.rate, at)
    losses = curve.val if curve.eval_step else [math.nan] * len(at)
    return [
        (
            curve.name,
            number(at[i]),
            fixed(base[i]),
            fixed(losses[i]),
            fixed(losses[i] - base[i]),
            number(rates[i] if math.isfinite(rates[i]) else None),
        )
        for i in thin(len(at), _ROWS)
    ]
