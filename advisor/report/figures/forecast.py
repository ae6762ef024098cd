"""The forecast: best loss by length of training, extrapolated to the recommended length."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from advisor.report.figures.axes import loss_scale
from advisor.report.figures.base import BAND, MUTED, VAL, Figure, draw, key, place
from advisor.schema.series import Forecast
from advisor.utils.jsonio import floats
from advisor.utils.numbers import fixed, length, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_KEY = key(("●━ best measured", VAL), ("◆ predicted, with its interval", BAND))

_SHOWS = ("response-epochs",)


def forecast_figure(data: Forecast | None, target: float, level: float | None, anchor: str) -> Figure:
    """Best validation loss by length and the predicted loss at ``target`` (1.0 is the user's full run)."""
    title = "Forecast: what longer training gains"
    pairs = zip(data.length, floats(data.loss), strict=True) if data else ()
    points = sorted((x, y) for x, y in pairs if x > 0 and math.isfinite(y))
    if data is None or not points:
        return Figure("forecast", anchor, title, "", note="No two lengths were probed, so no forecast is drawn.")
    predicted, low, high = data.predicted, data.low, data.high
    words = f"{level:.0%} interval " if level is not None else "interval "
    span = f" ({words}{fixed(low)} to {fixed(high)})" if low is not None and high is not None else ""
    description = f"Best validation loss at {len(points)} lengths, from {length(points[0][0])} of the full run."
    if predicted is not None:
        description += f" Predicted at {length(target)}: {fixed(predicted)}{span}."
    svg = draw(anchor, title, description, 290, lambda canvas: _paint(canvas, points, (target, predicted, low, high)))
    rows = [(length(x), fixed(y), "measured") for x, y in points]
    rows += [(length(target), fixed(predicted) + span, "predicted")] if predicted is not None else []
    head = ("share of the full run", "validation loss", "kind")
    return Figure("forecast", anchor, title, description, svg, head, tuple(rows), key=_KEY, shows=_SHOWS)


def _paint(
    canvas: Canvas,
    points: list[tuple[float, float]],
    forecast: tuple[float, float | None, float | None, float | None],
) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    target, predicted, low, high = forecast
    axes = place(canvas, (60, 14, 112, 44))
    x, y = [a for a, _ in points], [b for _, b in points]
    ends = [value for value in (*y, predicted, low, high) if value is not None]
    span = max(ends) - min(ends) or abs(ends[0]) * 0.1 or 1.0
    axes.set_xscale("log")
    axes.set_xlim(min(x) / 1.25, max(*x, target) * 1.25)
    loss_scale(axes, min(ends) - 0.1 * span, max(ends) + 0.1 * span)
    axes.plot(x, y, color=VAL, linewidth=1.8, marker="o", markersize=6)
    if predicted is not None:
        axes.plot([x[-1], target], [y[-1], predicted], color=BAND, linewidth=1.4, linestyle=(0, (3, 3)))
        if low is not None and high is not None:
            fan = ([x[-1], target], [y[-1], low], [y[-1], high])
            axes.fill_between(*fan, color=BAND, alpha=0.13, linewidth=0)
            axes.plot([target, target], [low, high], color=BAND, linewidth=2)
        axes.plot([target], [predicted], "D", color=BAND, markersize=7)
        words = [(predicted, f"predicted {number(predicted)}", BAND)]
        words += [(v, number(v), MUTED) for v in (low, high) if v is not None and abs(v - predicted) > 0.06 * span]
        for value, label, colour in words:
            axes.annotate(
                label,
                (target, value),
                (10, 0),
                textcoords="offset points",
                va="center",
                color=colour,
                fontsize=11,
                annotation_clip=False,
            )
    ticks = sorted({*x, target})
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: length(float(value))))
    axes.set_xlabel("length of training (1 = your full run), log scale")
    axes.set_ylabel("validation loss")
