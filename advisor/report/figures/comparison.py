"""The current against the recommended settings, in the same short run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from advisor.report.figures.axes import loss_limits, loss_scale
from advisor.report.figures.base import BAND, NOW, Figure, beside, draw, key, place, spread
from advisor.report.formatting import ran_with
from advisor.report.smooth import thin, trailing_mean
from advisor.schema.report import Report
from advisor.schema.series import ComparedRun, SideBySide
from advisor.utils.jsonio import floats
from advisor.utils.numbers import fixed, length, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_POINTS, _ROWS = 300, 24
_KEY = key(("━ current settings", NOW), ("━ advised settings", BAND))


def comparison_figure(report: Report, data: SideBySide, goal: str, anchor: str) -> Figure:
    """Training loss of both over the run, with their results at the end.

    Args:
        report: The whole report.
        data: Both runs.
        goal: Name of the result: ``validation loss``, or the name of a metric.
        anchor: Id in the page.
    """
    title = "Your current settings against the advised ones"
    sides = [(data.present, "current settings", NOW), (data.advised, "advised settings", BAND)]
    if not any(len(_line(side)[0]) > 1 for side, _, _ in sides):
        note = "Your current settings were not run beside the advised ones."
        return Figure("comparison", anchor, title, "", note=note)
    results = [f"{words} end at {goal} {_result(side)}" for side, words, _ in sides]
    description = f"Training loss over {length(data.length)} of the full run: {'; '.join(results)}."
    noise = data.noise
    label = ran_with(report.arms, data.advised)
    note = (
        f"The same {length(data.length)} of the full run, same seed and initial weights. Lines: training "
        f"loss, smoothed; numbers: {goal} at the end. Advised here: the best short run ({label})."
    )
    note += f" Noise between seeds: {number(noise, 2)}." if noise else ""
    svg = draw(anchor, title, description, 270, lambda canvas: _paint(canvas, sides, goal))
    head = ("settings", "share of the short run", "training loss, smoothed", goal)
    rows = tuple(row for side, words, _ in sides for row in _rows(side, words))
    return Figure("comparison", anchor, title, description, svg, head, rows, note, _KEY)


def _result(side: ComparedRun) -> str:
    return "– (diverged)" if side.value is None else number(side.value)


def _line(side: ComparedRun) -> tuple[list[float], list[float]]:
    last = max([1, *side.step])
    return [x / last for x in side.step], trailing_mean(floats(side.train_loss))


def _paint(canvas: Canvas, sides: list[tuple[ComparedRun, str, str]], goal: str) -> None:
    axes = place(canvas, (60, 14, 152, 44))
    ends: list[tuple[float, str, str]] = []
    shown: list[float] = []
    for side, words, colour in sides:
        x, y = _line(side)
        keep = thin(len(x), _POINTS)
        axes.plot([x[i] for i in keep], [y[i] for i in keep], color=colour, linewidth=2)
        known = [value for value in y if math.isfinite(value)]
        shown += known
        if known:
            ends.append((known[-1], f"{words.split()[0]}: {_result(side)}", colour))
    low, high = loss_limits(shown, generous=8)
    loss_scale(axes, low, high)
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the short run")
    axes.set_ylabel("training loss")
    moved = spread([min(max(value, low), high) for value, _, _ in ends], 0.16 * (high - low))
    for y_at, (_, words, colour) in zip(moved, ends, strict=True):
        beside(axes, y_at, words, colour, fontsize=12, fontweight="bold")


def _rows(side: ComparedRun, words: str) -> list[tuple[str, ...]]:
    x, y = _line(side)
    keep = thin(len(x), _ROWS)
    value = fixed(side.value)
    return [(words, f"{x[i]:.0%}", fixed(y[i]), value if i == keep[-1] else "") for i in keep]
