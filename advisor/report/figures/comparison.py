"""The present settings against the advised ones, in the same short run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from advisor.report.figures.axes import loss_limits, loss_scale
from advisor.report.figures.base import BAND, NOW, Figure, beside, draw, key, place, spread
from advisor.report.formatting import fixed, length, number, ran_with
from advisor.report.lenient import finite, mapping, paired
from advisor.report.smooth import thin, trailing_mean

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_POINTS, _ROWS = 300, 24
_SIDES = (("present", "present settings", NOW), ("advised", "advised settings", BAND))
_KEY = key(("━ present settings", NOW), ("━ advised settings", BAND))


def comparison_figure(report: dict[str, Any], goal: str, anchor: str) -> Figure:
    """Training loss of both over the share of the run, with the result of each beside it.

    Args:
        report: The whole report.
        goal: What the results are: ``validation loss``, or the name of a metric.
        anchor: The id in the page.
    """
    title = "Your present settings against the advised ones"
    data = mapping(mapping(report.get("series")).get("comparison"))
    sides = [(mapping(data.get(side)), words, colour) for side, words, colour in _SIDES]
    if not any(len(_line(side)[0]) > 1 for side, _, _ in sides):
        return Figure("comparison", anchor, title, "", note="Your present settings were not run beside the advised.")
    results = [f"{words} end at {goal} {_result(side)}" for side, words, _ in sides]
    description = f"Training loss over {length(data.get('length'))} of the full run: {'; '.join(results)}."
    noise = finite(data.get("noise"))
    label = ran_with(report, sides[1][0])
    note = (
        f"The same {length(data.get('length'))} of the full run, same seed and starting weights; lines are training "
        f"loss, smoothed, and the numbers {goal} at the end. Advised here: the best short run ({label})."
    )
    note += f" Noise between seeds: {number(noise, 2)}." if noise else ""
    svg = draw(anchor, title, description, 270, lambda canvas: _paint(canvas, sides, goal))
    head = ("settings", "share of the short run", "training loss, smoothed", goal)
    rows = tuple(row for side, words, _ in sides for row in _rows(side, words))
    return Figure("comparison", anchor, title, description, svg, head, rows, note, _KEY)


def _result(side: dict[str, Any]) -> str:
    return "– (diverged)" if finite(side.get("value")) is None else number(side.get("value"))


def _line(side: dict[str, Any]) -> tuple[list[float], list[float]]:
    step, loss = paired(side.get("step"), side.get("train_loss"))
    last = max([1.0, *step])
    return [x / last for x in step], trailing_mean(loss)


def _paint(canvas: Canvas, sides: list[tuple[dict[str, Any], str, str]], goal: str) -> None:
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


def _rows(side: dict[str, Any], words: str) -> list[tuple[str, ...]]:
    x, y = _line(side)
    keep = thin(len(x), _ROWS)
    value = fixed(side.get("value"))
    return [(words, f"{x[i]:.0%}", fixed(y[i]), value if i == keep[-1] else "") for i in keep]
