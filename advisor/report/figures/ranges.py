"""The learning-rate range test: loss over an exponentially rising rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from advisor.report.figures.axes import loss_limits, loss_scale, plain_ticks
from advisor.report.figures.base import BAD, BAND, TRAIN, VAL, Figure, draw, key, marks, place
from advisor.report.formatting import fixed, number
from advisor.report.lenient import finite, mapping, mappings, paired
from advisor.report.smooth import thin

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_POINTS, _ROWS = 300, 40
_KEY = key(("━ training loss, smoothed (raw: faint)", TRAIN), ("●━ validation loss", VAL))
_BRACKET = key(("▮ bracket: from the first gain to the ceiling", BAND))


def range_figure(series: dict[str, Any], advised: float | None, anchor: str) -> Figure:
    """Every range test in one figure, with bracket, ceiling and the advised rate; no drawing if there is no data."""
    title = "Range test: where training breaks"
    tests = [test for test in mappings(series.get("range_tests")) if _usable(test)]
    if not tests:
        return Figure("range", anchor, title, "", note="No range test left usable data, so none is drawn.")
    bracket = mapping(series.get("bracket"))
    low, high = finite(bracket.get("low")), finite(bracket.get("high"))
    span = (low, high) if low is not None and high is not None and 0 < low < high else None
    description = _describe(tests)
    description += f" The bracket is {number(span[0])} to {number(span[1])}." if span else ""
    description += f" The advised peak rate is {number(advised)}." if advised else ""
    svg = draw(anchor, title, description, 338, lambda canvas: _paint(canvas, tests, span, advised))
    head = ("test", "learning rate", "training loss", "smoothed", "validation loss")
    return Figure("range", anchor, title, description, svg, head, _rows(tests), key=_KEY + (_BRACKET if span else ()))


def _usable(test: dict[str, Any]) -> bool:
    lr, loss = paired(test.get("lr"), test.get("train_loss"))
    return sum(1 for x, y in zip(lr, loss, strict=True) if x > 0 and math.isfinite(y)) >= 2


def _describe(tests: list[dict[str, Any]]) -> str:
    parts = [f"{len(tests)} range test{'s' if len(tests) > 1 else ''}; loss against learning rate on a log axis."]
    for test in tests:
        best, ceiling = finite(test.get("best_lr")), finite(test.get("ceiling"))
        said = [f"validation loss is best at {number(best)}"] if best else []
        said += [f"the ceiling is {number(ceiling)}"] if ceiling else ["no ceiling was found"]
        said += ["the loss diverged"] if test.get("diverged") else ["the loss did not diverge"]
        parts.append(f"Seed {number(test.get('seed'))}: {', '.join(said)}.")
    return " ".join(parts)


def _paint(
    canvas: Canvas, tests: list[dict[str, Any]], span: tuple[float, float] | None, advised: float | None
) -> None:
    axes = place(canvas, (60, 56, 10, 44))
    rates: list[float] = []
    shown: list[float] = []
    start = -math.inf
    for index, test in enumerate(tests):
        weight = 1.0 if index == 0 else 0.45
        for name, width, alpha in (("train_loss", 0.8, 0.35 * weight), ("smoothed", 2.0, weight)):
            x, y = paired(test.get("lr"), test.get(name))
            keep = [i for i in thin(len(x), _POINTS) if x[i] > 0]
            axes.plot([x[i] for i in keep], [y[i] for i in keep], color=TRAIN, linewidth=width, alpha=alpha)
            rates += [x[i] for i in keep]
            shown += [y[i] for i in keep] if name == "smoothed" else []
            known = [y[i] for i in keep if math.isfinite(y[i])]
            start = max(start, known[0]) if known else start
        x, y = paired(test.get("val_lr"), test.get("val_loss"))
        keep = [i for i in range(len(x)) if x[i] > 0]
        x, y = [x[i] for i in keep], [y[i] for i in keep]
        axes.plot(x, y, color=VAL, linewidth=1.6, marker="o", markersize=3.5, alpha=weight)
        shown += y
        rates += x
    low, high = loss_limits(shown or [start], generous=6)
    if math.isfinite(start) and start > low:
        high = min(high, start + 0.35 * (start - low))
    loss_scale(axes, low, high if high > low else low + 1)
    plain_ticks(axes, min(rates), max(rates) if max(rates) > min(rates) else min(rates) * 10)
    axes.set_xlabel("learning rate, log scale")
    axes.set_ylabel("loss")
    if span:
        axes.axvspan(*span, color=BAND, alpha=0.08, linewidth=0, zorder=0)
    lines = [
        (value, f"{words} {number(value)}", colour, dashes)
        for name, words, colour, dashes in (
            ("best_lr", "lowest", TRAIN, ":"),
            ("ceiling", "ceiling", BAD, "--"),
        )
        if (value := finite(tests[0].get(name))) is not None and value > 0
    ]
    if advised and min(rates) <= advised <= max(rates):
        lines.append((advised, f"advised {number(advised)}", BAND, "-"))
    marks(axes, lines)


def _rows(tests: list[dict[str, Any]]) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    for test in tests:
        name = f"seed {number(test.get('seed'))}"
        lr, raw = paired(test.get("lr"), test.get("train_loss"))
        _, smoothed = paired(test.get("lr"), test.get("smoothed"))
        for i in thin(len(lr), _ROWS):
            soft = fixed(smoothed[i]) if i < len(smoothed) else "–"
            rows.append((name, number(lr[i]), fixed(raw[i]), soft, ""))
        val_lr, val = paired(test.get("val_lr"), test.get("val_loss"))
        rows += [(name, number(val_lr[i]), "", "", fixed(val[i])) for i in thin(len(val_lr), _ROWS)]
    return tuple(rows)
