"""Batch size: throughput, and the number of examples needed for the same result."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from advisor.report.figures.axes import current_and_advised, loss_scale, value_ticks
from advisor.report.figures.base import BAD, BAND, MUTED, NOW, TRAIN, VAL, Figure, draw, key, marks, place
from advisor.report.formatting import one_line
from advisor.schema.profile import BatchProfile, BatchRow, NoiseScale, Profile
from advisor.schema.settings import Knob
from advisor.utils.numbers import NONE, count, fixed, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_UPPER, _LOWER = 300, 190


def batch_figure(profile: Profile, data: BatchProfile, setting: Knob | None, anchor: str) -> Figure:
    """Throughput over batch size and, if the noise scale is known, the examples needed for the same result below.

    Args:
        profile: Facts about the data.
        data: The measurements.
        setting: The batch size among the knobs.
        anchor: Id in the page.
    """
    rows = sorted((row for row in data.rows if row.batch_size > 0), key=lambda row: row.batch_size)
    scale = _critical(data.noise_scale)
    timed = sum(1 for row in rows if _speed(row)) > 1
    if not rows or not (timed or scale):
        return Figure(
            "batch", anchor, "Batch size: speed", "", note="No two batch sizes were timed, so none are drawn."
        )
    what = [words for words, known in (("speed", timed), ("examples needed", bool(scale))) if known]
    title = f"Batch size: {', and '.join(what)}"
    knee = data.knee
    lines = _lines(*current_and_advised(setting))
    description = _describe(rows, knee, scale, lines)
    height = (_UPPER if timed else 40) + (_LOWER if scale else 0)
    svg = draw(anchor, title, description, height, lambda canvas: _paint(canvas, rows, knee, scale, lines))
    examples = profile.data.get("examples")
    head: tuple[str, ...] = (
        "batch size",
        "examples per second",
        "seconds per step",
        "seconds per epoch",
        "memory",
        "outcome",
    )
    head += ("examples for the same result",) if scale else ()
    table = tuple(_row(row, examples if isinstance(examples, int) else None, scale) for row in rows)
    return Figure(
        "batch", anchor, title, description, svg, head, table, _note(data, timed, scale), _key(rows, timed, scale)
    )


def _critical(scale: NoiseScale | None) -> tuple[float, ...]:
    """Critical batch size with its interval; empty if it was not measured."""
    ends = (scale.value, scale.low, scale.high) if scale else ()
    known = tuple(end for end in ends if end is not None and end > 0)
    return known if len(known) == 3 else ()


def _speed(row: BatchRow) -> float:
    """Examples per second; 0 where the size failed or was not timed."""
    known = row.examples_per_second
    return known if known is not None and known > 0 and row.fits else 0.0


def _lines(now: float | None, advised: float | None) -> list[tuple[float, str, str, str]]:
    if now is not None and now == advised:
        return [(now, f"current and advised {number(now)}", BAND, "-")] if now > 0 else []
    both = ((advised, "advised", BAND, "-"), (now, "current", NOW, "--"))
    return [(x, f"{words} {number(x)}", ink, dash) for x, words, ink, dash in both if x is not None and x > 0]


def _needed(size: float, critical: float) -> float:
    """Examples needed for the same result, relative to a very small batch: 1 + B / B_critical."""
    return 1.0 + size / critical


def _describe(
    rows: list[BatchRow], knee: float | None, scale: tuple[float, ...], lines: list[tuple[float, str, str, str]]
) -> str:
    timed = [row for row in rows if _speed(row)]
    parts = []
    if timed:
        best = max(timed, key=_speed)
        parts.append(
            f"Examples per second at {len(timed)} batch sizes, from {number(timed[0].batch_size)} "
            f"to {number(timed[-1].batch_size)}; fastest at {number(best.batch_size)}, {number(_speed(best))}."
        )
    parts += [f"The knee is at {number(knee)}."] if knee is not None else []
    failed = [number(row.batch_size) for row in rows if not _speed(row)]
    parts += [f"Did not run: {', '.join(failed)}."] if failed else []
    if scale:
        value, low, high = scale
        parts.append(f"The critical batch size is {number(value)}, interval {number(low)} to {number(high)}.")
    return " ".join([*parts, *(f"{words[:1].upper()}{words[1:]}." for _, words, _, _ in lines)])


def _note(data: BatchProfile, timed: bool, scale: tuple[float, ...]) -> str:
    knee, largest = data.knee, data.largest
    too_large = data.fit.too_large if data.fit else None
    said = ["Above: examples per second."] if timed else []
    if largest is not None:
        said.append(
            f"Memory fits {number(largest)}, "
            + ("the largest that was tried." if too_large is None else f"but not {number(too_large)}.")
        )
    said += [f"Beyond {number(knee)}, the knee, a larger batch is hardly faster."] if timed and knee is not None else []
    if scale:
        said.append(
            f"{'Below: how' if timed else 'How'} many more examples the same result needs than with a tiny batch, as "
            f"the gradient noise scale predicts; twice as many at the critical batch size, {number(scale[0])}."
        )
    return " ".join(said)


def _key(rows: list[BatchRow], timed: bool, scale: tuple[float, ...]) -> tuple[tuple[str, str], ...]:
    entries = [("●━ examples per second", VAL)] if timed else []
    entries += [("━ examples needed, with interval", TRAIN), ("▮ critical batch size", MUTED)] if scale else []
    return key(*entries, *([("× fails", BAD)] if timed and not all(map(_speed, rows)) else []))


def _row(row: BatchRow, examples: float | None, scale: tuple[float, ...]) -> tuple[str, ...]:
    speed, peak = _speed(row), row.peak_bytes
    epoch = fixed(examples / speed if examples and speed else None)
    memory = NONE if peak is None else f"{number(peak / 2**20)} MiB"
    outcome = "runs" if speed else one_line(row.error or "does not fit", 120)
    cells = (number(row.batch_size), count(speed or None), number(row.step_seconds), epoch)
    size = row.batch_size
    needed = tuple(number(_needed(size, value), 3) for value in scale)
    return (*cells, memory, outcome, *((f"{needed[0]} ({needed[2]} to {needed[1]}) times",) if needed else ()))


def _paint(
    canvas: Canvas,
    rows: list[BatchRow],
    knee: float | None,
    scale: tuple[float, ...],
    lines: list[tuple[float, str, str, str]],
) -> None:
    sizes = [row.batch_size for row in rows]
    reach = [*sizes, *(x for x, _, _, _ in lines)]
    reach += [scale[0]] if scale and (not reach or min(reach) / 16 <= scale[0] <= max(reach) * 16) else []
    above = _UPPER if sum(1 for row in rows if _speed(row)) > 1 else 0
    last = None
    if above:
        last = place(canvas, (64, 40, 16, (_LOWER if scale else 0) + 44))
        _sizes(last, reach, [*sizes, *(x for x, _, _, _ in lines)])
        _speeds(last, rows, knee)
        marks(last, lines)
    if scale:
        last = place(canvas, (64, above + 6 if above else 56, 16, 44))
        _sizes(last, reach, [*sizes, *(x for x, _, _, _ in lines)])
        _examples(last, scale)
        if not above:
            marks(last, [(x, words, colour, dashes) for x, words, colour, dashes in lines])
        for x, _, colour, dashes in lines if above else []:
            last.axvline(x, color=colour, linewidth=1.4, linestyle=dashes, zorder=3)
        last.set_ylabel("examples needed")
    if last is not None:
        last.set_xlabel("batch size, log scale")


def _speeds(axes: Axes, rows: list[BatchRow], knee: float | None) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    timed = [(row.batch_size, _speed(row)) for row in rows if _speed(row)]
    axes.plot(
        [x for x, _ in timed], [y for _, y in timed], color=VAL, linewidth=1.8, marker="o", markersize=6, zorder=4
    )
    axes.set_ylim(0, 1.12 * max(y for _, y in timed))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: count(value)))
    axes.set_ylabel("examples per second")
    for row in rows:
        if not _speed(row):
            up = axes.get_xaxis_transform()
            axes.plot([row.batch_size], [0.05], "x", color=BAD, markersize=8, mew=2, transform=up, zorder=5)
    at = next((speed for size, speed in timed if size == knee), None)
    if knee is not None and at is not None:
        axes.plot([knee], [at], "o", color=VAL, markersize=13, markerfacecolor="none", mew=1.4, zorder=5)
        axes.annotate("knee", (knee, at), (0, -22), textcoords="offset points", ha="center", color=VAL, fontsize=11)


def _sizes(axes: Axes, reach: list[float], sizes: list[float]) -> None:
    axes.set_xscale("log")
    low, high = min(reach), max(reach)
    axes.set_xlim(low / 1.3, high * 1.3)
    ticks = sorted(set(sizes))
    value_ticks(axes, ticks, [number(size) for size in ticks])


def _examples(axes: Axes, scale: tuple[float, ...]) -> None:
    from matplotlib.ticker import FuncFormatter

    value, low, high = scale
    left, right = axes.get_xlim()
    x = [left * (right / left) ** (i / 60) for i in range(61)]
    axes.fill_between(
        x, [_needed(a, high) for a in x], [_needed(a, low) for a in x], color=TRAIN, alpha=0.16, linewidth=0
    )
    axes.plot(x, [_needed(a, value) for a in x], color=TRAIN, linewidth=2, zorder=4)
    top = min(max(_needed(right, value), 2.4), 12.0)
    loss_scale(axes, 0.9, top)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{number(float(tick), 3)} ×"))
    axes.axvspan(max(low, left), min(high, right), color=MUTED, alpha=0.14, linewidth=0, zorder=0)
    beyond = value < left or value > right
    where = math.sqrt(left * right) if beyond else value
    words = f"critical batch size {number(value)}" + (" →" if value > right else "")
    words = f"← {words}" if value < left else words
    share = math.log(where / left) / math.log(right / left)
    spot = (min(max(share, 0.2), 0.8), 0.92)
    axes.annotate(words, spot, xycoords="axes fraction", ha="center", va="top", color=MUTED, fontsize=11)
    if not beyond:
        axes.plot([value], [2.0], "D", color=TRAIN, markersize=7, zorder=6)
