"""The learning-rate range test: loss over an exponentially rising rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from advisor.report.figures.axes import current_and_advised, loss_limits, loss_scale, plain_ticks
from advisor.report.figures.base import BAD, BAND, TRAIN, VAL, Figure, draw, key, marks, place
from advisor.report.smooth import thin
from advisor.schema.ranges import RangeTest
from advisor.schema.series import Series
from advisor.schema.settings import Knob
from advisor.utils.jsonio import floats
from advisor.utils.numbers import fixed, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_POINTS, _ROWS = 300, 40
_KEY = key(("━ training loss, smoothed (raw: faint)", TRAIN), ("●━ validation loss", VAL))
_BRACKET = key(("▮ bracket: from the first gain to the ceiling", BAND))


def range_figure(series: Series, setting: Knob | None, anchor: str) -> Figure:
    """All range tests in one figure, with bracket, ceiling and the recommended rate; no drawing without data."""
    title = "Range test: where training diverges"
    tests = [test for test in series.range_tests if _usable(test)]
    if not tests:
        return Figure("range", anchor, title, "", note="No range test gave usable data, so none is drawn.")
    _, advised = current_and_advised(setting)
    low, high = (series.bracket.low, series.bracket.high) if series.bracket else (None, None)
    span = (low, high) if low is not None and high is not None and 0 < low < high else None
    description = _describe(tests)
    description += f" The bracket is {number(span[0])} to {number(span[1])}." if span else ""
    description += f" The advised peak rate is {number(advised)}." if advised else ""
    svg = draw(anchor, title, description, 338, lambda canvas: _paint(canvas, tests, span, advised))
    head = ("test", "learning rate", "training loss", "smoothed", "validation loss")
    return Figure("range", anchor, title, description, svg, head, _rows(tests), key=_KEY + (_BRACKET if span else ()))


def _usable(test: RangeTest) -> bool:
    columns = zip(test.lr, floats(test.train_loss), strict=True)
    return sum(1 for x, y in columns if x > 0 and math.isfinite(y)) >= 2


def _describe(tests: list[RangeTest]) -> str:
    parts = [f"{len(tests)} range test{'s' if len(tests) > 1 else ''}; loss against learning rate on a log axis."]
    for test in tests:
        best, ceiling = test.best_lr, test.ceiling
        said = [f"validation loss is best at {number(best)}"] if best else []
        said += [f"the ceiling is {number(ceiling)}"] if ceiling else ["no ceiling was found"]
        said += ["the loss diverged"] if test.diverged else ["the loss did not diverge"]
        parts.append(f"Seed {number(test.seed)}: {', '.join(said)}.")
    return " ".join(parts)


def _paint(canvas: Canvas, tests: list[RangeTest], span: tuple[float, float] | None, advised: float | None) -> None:
    axes = place(canvas, (60, 56, 10, 44))
    rates: list[float] = []
    shown: list[float] = []
    start = -math.inf
    for index, test in enumerate(tests):
        weight = 1.0 if index == 0 else 0.45
        for column, width, alpha in ((test.train_loss, 0.8, 0.35 * weight), (test.smoothed, 2.0, weight)):
            x, y = test.lr, floats(column)
            keep = [i for i in thin(len(x), _POINTS) if x[i] > 0]
            axes.plot([x[i] for i in keep], [y[i] for i in keep], color=TRAIN, linewidth=width, alpha=alpha)
            rates += [x[i] for i in keep]
            shown += [y[i] for i in keep] if column is test.smoothed else []
            known = [y[i] for i in keep if math.isfinite(y[i])]
            start = max(start, known[0]) if known else start
        looks = [(a, b) for a, b in zip(test.val_lr, floats(test.val_loss), strict=True) if a > 0]
        axes.plot(
            [a for a, _ in looks],
            [b for _, b in looks],
            color=VAL,
            linewidth=1.6,
            marker="o",
            markersize=3.5,
            alpha=weight,
        )
        shown += [b for _, b in looks]
        rates += [a for a, _ in looks]
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
        for value, words, colour, dashes in (
            (tests[0].best_lr, "lowest", TRAIN, ":"),
            (tests[0].ceiling, "ceiling", BAD, "--"),
        )
        if value is not None and value > 0
    ]
    if advised and min(rates) <= advised <= max(rates):
        lines.append((advised, f"advised {number(advised)}", BAND, "-"))
    marks(axes, lines)


def _rows(tests: list[RangeTest]) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    for test in tests:
        name = f"seed {number(test.seed)}"
        for i in thin(len(test.lr), _ROWS):
            rows.append((name, number(test.lr[i]), fixed(test.train_loss[i]), fixed(test.smoothed[i]), ""))
        for i in thin(len(test.val_lr), _ROWS):
            rows.append((name, number(test.val_lr[i]), "", "", fixed(test.val_loss[i])))
    return tuple(rows)
