"""Validation loss and metric over the learning rate, one above the other: what each would choose."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from advisor.report.figures.axes import loss_limits, loss_scale, plain_ticks
from advisor.report.figures.base import BAD, BAND, TRAIN, VAL, Figure, draw, key, marks, place
from advisor.report.formatting import fixed, length, number, one_line
from advisor.report.lenient import finite, mapping, mappings, paired, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_PANEL, _BOTTOM = 170, 44
_COLOURS = {"loss": VAL, "metric": TRAIN}


def both_figure(series: dict[str, Any], anchor: str) -> Figure:
    """Both results at each rate of the ladder, with the rate that each of them would choose."""
    data = mapping(series.get("both"))
    name = one_line(text(data.get("metric"), "metric"), 40)
    title = f"Learning rate judged both ways: validation loss and {name}"
    points = [point for point in mappings(data.get("points")) if (finite(point.get("value")) or 0) > 0]
    if sum(finite(point.get("loss")) is not None for point in points) < 2:
        return Figure("both", anchor, title, "", note="Loss and metric were not measured at two rates.")
    names = {"loss": "validation loss", "metric": name}
    description = f"Both results at {len(points)} learning rates. {sentence_of(data)}"
    svg = draw(anchor, title, description, 2 * _PANEL + 80, lambda canvas: _paint(canvas, data, points, names))
    rows = tuple((number(p["value"]), fixed(p.get("loss")), fixed(p.get("metric")), _outcome(p)) for p in points)
    head = ("learning rate", "validation loss", name, "outcome")
    entries = key(("●━ validation loss", VAL), (f"●━ {name}", TRAIN), ("▮ interval of the best", BAND))
    note = f"After {length(data.get('length'))} of the full run. {sentence_of(data)}"
    return Figure("both", anchor, title, description, svg, head, rows, note, entries)


def sentence_of(data: dict[str, Any]) -> str:
    """What each would choose, how far apart that is, and what it costs; empty if it was not measured."""
    by, cost = mapping(data.get("by")), mapping(data.get("cost"))
    loss, metric = mapping(by.get("loss")), mapping(by.get("metric"))
    name = one_line(text(data.get("metric"), "metric"), 40)
    if finite(loss.get("value")) is None or finite(metric.get("value")) is None:
        return ""
    said = f"By validation loss {_choice(loss)}; by {name} {_choice(metric)}."
    factor = finite(data.get("factor"))
    if factor is None or "flat" in (loss.get("verdict"), metric.get("verdict")):
        return said
    if factor < 1.05:
        return f"{said} They agree."
    said += f" They lie a factor of {number(factor, 2)} apart"
    if _inside(loss, metric) or _inside(metric, loss):
        said += ", inside the interval"
    prices = [
        f"{number(value, 2)} of {lost} to choose by {words}"
        for value, lost, words in (
            (finite(cost.get("loss")), "validation loss", name),
            (finite(cost.get("metric")), name, "validation loss"),
        )
        if value is not None
    ]
    return f"{said}; in these short runs it costs {' and '.join(prices)}." if prices else f"{said}."


def _choice(choice: dict[str, Any]) -> str:
    if choice.get("verdict") == "flat":
        return "no rate stands out from the noise"
    span = finite(choice.get("low")), finite(choice.get("high"))
    words = f" ({number(span[0])} to {number(span[1])})" if None not in span else ""
    return f"{number(choice.get('value'))} is best{words}"


def _inside(one: dict[str, Any], other: dict[str, Any]) -> bool:
    low, high, value = finite(one.get("low")), finite(one.get("high")), finite(other.get("value"))
    return low is not None and high is not None and value is not None and low <= value <= high


def _outcome(point: dict[str, Any]) -> str:
    return "diverged" if point.get("diverged") else "finished"


def _paint(canvas: Canvas, data: dict[str, Any], points: list[dict[str, Any]], names: dict[str, str]) -> None:
    rates = [float(point["value"]) for point in points]
    upper = place(canvas, (60, 40, 16, _PANEL + _BOTTOM - 4))
    lower = place(canvas, (60, _PANEL + 56, 16, _BOTTOM))
    lines = []
    for axes, kind in ((upper, "loss"), (lower, "metric")):
        plain_ticks(axes, min(rates) / 1.3, max(rates) * 1.3)
        choice = mapping(mapping(data.get("by")).get(kind))
        _panel(axes, points, choice, kind, kind == "metric" and bool(data.get("higher_is_better")))
        axes.set_ylabel(one_line(names[kind], 24))
        value = finite(choice.get("value"))
        if value and value > 0 and choice.get("verdict") != "flat":
            lines.append((value, f"by {one_line(names[kind], 16)} {number(value)}", _COLOURS[kind], "--"))
    marks(upper, lines)
    for x, _, colour, dashes in lines:
        lower.axvline(x, color=colour, linewidth=1.4, linestyle=dashes, zorder=3)
    upper.tick_params(labelbottom=False)
    lower.set_xlabel("learning rate, log scale")


def _panel(axes: Axes, points: list[dict[str, Any]], choice: dict[str, Any], kind: str, upwards: bool) -> None:
    pairs = [(float(p["value"]), value) for p in points if (value := finite(p.get(kind))) is not None]
    known = [value for _, value in pairs]
    low, high = loss_limits(known, generous=4, upwards=upwards)
    loss_scale(axes, low, high)
    x, y = paired(mapping(choice.get("curve")).get("x"), mapping(choice.get("curve")).get("y"))
    axes.plot(x, y, color=_COLOURS[kind], linewidth=1.6, zorder=3)
    noise = finite(choice.get("noise"))
    for rate, value in pairs:
        if noise:
            axes.plot([rate, rate], [value - noise, value + noise], color=_COLOURS[kind], linewidth=1.2, zorder=4)
        axes.plot([rate], [value], "o", color=_COLOURS[kind], markersize=6, mew=0, zorder=5)
    left, right = finite(choice.get("low")), finite(choice.get("high"))
    if left is not None and right is not None and 0 < left <= right:
        axes.axvspan(left, right, color=BAND, alpha=0.1, linewidth=0, zorder=0)
    for point in points:
        if point.get("diverged") and not math.isfinite(finite(point.get(kind)) or math.inf):
            axes.plot(
                [point["value"]], [0.95], "x", color=BAD, markersize=7, mew=2, transform=axes.get_xaxis_transform()
            )
