"""Validation loss and metric over the learning rate, one above the other, with the best rate under each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from advisor.report.figures.axes import loss_limits, loss_scale, plain_ticks
from advisor.report.figures.base import BAD, BAND, TRAIN, VAL, Figure, draw, key, marks, place
from advisor.report.formatting import one_line
from advisor.schema.objectives import BothPoint, BothWays, RateChoice
from advisor.utils.jsonio import floats
from advisor.utils.numbers import fixed, length, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_PANEL, _BOTTOM = 170, 44


def both_figure(data: BothWays, anchor: str) -> Figure:
    """Both results at each rate of the ladder, with the best rate under each."""
    name = one_line(data.metric or "metric", 40)
    title = f"Learning rate by both objectives: {name} and validation loss"
    points = [point for point in data.points if point.value > 0]
    if sum(point.loss is not None for point in points) < 2:
        return Figure("both", anchor, title, "", note="Loss and metric were not measured at two rates.")
    description = f"Both results at {len(points)} learning rates. {sentence_of(data)}"
    svg = draw(anchor, title, description, 2 * _PANEL + 80, lambda canvas: _paint(canvas, data, points, name))
    rows = tuple((number(p.value), fixed(p.loss), fixed(p.metric), _outcome(p)) for p in points)
    head = ("learning rate", "validation loss", name, "outcome")
    entries = key(("●━ validation loss", VAL), (f"●━ {name}", TRAIN), ("▮ interval of the best", BAND))
    note = f"After {length(data.length)} of the full run. {sentence_of(data)}"
    return Figure("both", anchor, title, description, svg, head, rows, note, entries)


def sentence_of(data: BothWays) -> str:
    """The best rate under each objective, their ratio, and what it costs to choose by the other."""
    by, cost = data.by, data.cost
    loss, metric = by.loss, by.metric
    name = one_line(data.metric or "metric", 40)
    said = f"By validation loss {_choice(loss)}; by {name} {_choice(metric)}."
    factor = data.factor
    if factor is None or "flat" in (loss.verdict, metric.verdict):
        return said
    if factor < 1.05:
        return f"{said} They agree."
    said += f" They lie a factor of {number(factor, 2)} apart"
    if _inside(loss, metric) or _inside(metric, loss):
        said += ", inside the interval"
    prices = [
        f"{number(value, 2)} of {lost} to choose by {words}"
        for value, lost, words in (
            (cost.loss, "validation loss", name),
            (cost.metric, name, "validation loss"),
        )
        if value is not None
    ]
    return f"{said}; in these short runs it costs {' and '.join(prices)}." if prices else f"{said}."


def _choice(choice: RateChoice) -> str:
    if choice.verdict == "flat":
        return "no rate stands out from the noise"
    spanned = choice.low is not None and choice.high is not None
    words = f" ({number(choice.low)} to {number(choice.high)})" if spanned else ""
    return f"{number(choice.value)} is best{words}"


def _inside(one: RateChoice, other: RateChoice) -> bool:
    return one.low is not None and one.high is not None and one.low <= other.value <= one.high


def _outcome(point: BothPoint) -> str:
    return "diverged" if point.diverged else "finished"


def _paint(canvas: Canvas, data: BothWays, points: list[BothPoint], name: str) -> None:
    rates = [point.value for point in points]
    upper = place(canvas, (60, 40, 16, _PANEL + _BOTTOM - 4))
    lower = place(canvas, (60, _PANEL + 56, 16, _BOTTOM))
    lines = []
    losses, metrics = floats(point.loss for point in points), floats(point.metric for point in points)
    for axes, choice, values, words, colour, upwards in (
        (upper, data.by.loss, losses, "validation loss", VAL, False),
        (lower, data.by.metric, metrics, name, TRAIN, data.higher_is_better),
    ):
        plain_ticks(axes, min(rates) / 1.3, max(rates) * 1.3)
        _panel(axes, points, choice, values, colour, upwards)
        axes.set_ylabel(one_line(words, 24))
        if choice.value > 0 and choice.verdict != "flat":
            lines.append((choice.value, f"by {one_line(words, 16)} {number(choice.value)}", colour, "--"))
    marks(upper, lines)
    for x, _, colour, dashes in lines:
        lower.axvline(x, color=colour, linewidth=1.4, linestyle=dashes, zorder=3)
    upper.tick_params(labelbottom=False)
    lower.set_xlabel("learning rate, log scale")


def _panel(
    axes: Axes, points: list[BothPoint], choice: RateChoice, values: Sequence[float], colour: str, upwards: bool
) -> None:
    low, high = loss_limits(values, generous=4, upwards=upwards)
    loss_scale(axes, low, high)
    axes.plot(choice.curve.x, floats(choice.curve.y), color=colour, linewidth=1.6, zorder=3)
    noise = choice.noise
    for point, value in zip(points, values, strict=True):
        x = [point.value]
        if math.isfinite(value):
            if noise:
                axes.plot(x * 2, [value - noise, value + noise], color=colour, linewidth=1.2, zorder=4)
            axes.plot(x, [value], "o", color=colour, markersize=6, mew=0, zorder=5)
        elif point.diverged:
            axes.plot(x, [0.95], "x", color=BAD, markersize=7, mew=2, transform=axes.get_xaxis_transform())
    if choice.low is not None and choice.high is not None and 0 < choice.low <= choice.high:
        axes.axvspan(choice.low, choice.high, color=BAND, alpha=0.1, linewidth=0, zorder=0)
