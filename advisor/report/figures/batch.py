"""Batch size: how fast examples go through, and how many of them the same result takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from advisor.report.figures.axes import loss_scale, value_ticks
from advisor.report.figures.base import BAD, BAND, MUTED, NOW, TRAIN, VAL, Figure, draw, key, marks, place
from advisor.report.parts import finite, mapping, mappings, text
from advisor.report.words import count, fixed, number, one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_UPPER, _LOWER = 300, 190


def batch_figure(report: dict[str, Any], setting: dict[str, Any], anchor: str) -> Figure:
    """Throughput over batch size and, where the noise scale is known, examples for the same result below it.

    Args:
        report: The whole report; ``profile.batch`` holds the measurement.
        setting: The entry of the batch size among the knobs; may be empty.
        anchor: The id in the page.
    """
    profile = mapping(report.get("profile"))
    data = mapping(profile.get("batch"))
    rows = sorted(
        (row for row in mappings(data.get("rows")) if (finite(row.get("batch_size")) or 0) > 0),
        key=lambda row: float(row["batch_size"]),
    )
    if not any(_speed(row) for row in rows):
        return Figure("batch", anchor, "Batch size: speed", "", note="No batch size was timed, so no speed is drawn.")
    noise = mapping(data.get("noise_scale"))
    critical = tuple(value for name in ("value", "low", "high") if (value := finite(noise.get(name))) and value > 0)
    scale = critical if len(critical) == 3 else ()
    title = "Batch size: speed, and examples needed" if scale else "Batch size: speed"
    knee = finite(data.get("knee"))
    lines = _lines(finite(setting.get("current")), finite(setting.get("recommended")))
    description = _describe(rows, knee, scale, lines)
    height = _UPPER + (_LOWER if scale else 0)
    svg = draw(anchor, title, description, height, lambda canvas: _paint(canvas, rows, knee, scale, lines))
    examples = finite(mapping(profile.get("data")).get("examples"))
    head: tuple[str, ...] = (
        "batch size",
        "examples a second",
        "seconds a step",
        "seconds an epoch",
        "memory",
        "outcome",
    )
    head += ("examples for the same result",) if scale else ()
    table = tuple(_row(row, examples, scale) for row in rows)
    return Figure("batch", anchor, title, description, svg, head, table, _note(knee, scale), _key(rows, scale))


def _speed(row: dict[str, Any]) -> float:
    """Examples a second; 0 where the size failed or was not timed."""
    known = finite(row.get("examples_per_second"))
    return known if known is not None and known > 0 and row.get("fits") is not False else 0.0


def _lines(now: float | None, advised: float | None) -> list[tuple[float, str, str, str]]:
    if now is not None and now == advised:
        return [(now, f"now and advised {number(now)}", BAND, "-")] if now > 0 else []
    both = ((advised, "advised", BAND, "-"), (now, "now", NOW, "--"))
    return [(x, f"{words} {number(x)}", ink, dash) for x, words, ink, dash in both if x is not None and x > 0]


def _needed(size: float, critical: float) -> float:
    """Examples for the same result, against a very small batch: 1 + B / B_critical."""
    return 1.0 + size / critical


def _describe(
    rows: list[dict[str, Any]], knee: float | None, scale: tuple[float, ...], lines: list[tuple[float, str, str, str]]
) -> str:
    timed = [row for row in rows if _speed(row)]
    best = max(timed, key=_speed)
    parts = [
        f"Examples a second at {len(timed)} batch sizes, from {number(timed[0]['batch_size'])} "
        f"to {number(timed[-1]['batch_size'])}; fastest at {number(best['batch_size'])}, {number(_speed(best))}."
    ]
    parts += [f"The knee is at {number(knee)}."] if knee is not None else []
    failed = [number(row["batch_size"]) for row in rows if not _speed(row)]
    parts += [f"Did not run: {', '.join(failed)}."] if failed else []
    if scale:
        value, low, high = scale
        parts.append(f"The critical batch size is {number(value)}, interval {number(low)} to {number(high)}.")
    return " ".join([*parts, *(f"{words[:1].upper()}{words[1:]}." for _, words, _, _ in lines)])


def _note(knee: float | None, scale: tuple[float, ...]) -> str:
    said = ["Above: how many examples go through in a second."]
    said += [f"Beyond {number(knee)}, the knee, a larger batch is hardly faster."] if knee is not None else []
    if scale:
        said.append(
            "Below: how many more examples the same result takes than with a very small batch, as the gradient "
            f"noise scale predicts; twice as many at the critical batch size, {number(scale[0])}."
        )
    return " ".join(said)


def _key(rows: list[dict[str, Any]], scale: tuple[float, ...]) -> tuple[tuple[str, str], ...]:
    entries = [("●━ examples a second", VAL)]
    entries += [("━ examples needed, with interval", TRAIN), ("▮ critical batch size", MUTED)] if scale else []
    return key(*entries, *([("× does not run", BAD)] if not all(map(_speed, rows)) else []))


def _row(row: dict[str, Any], examples: float | None, scale: tuple[float, ...]) -> tuple[str, ...]:
    speed, peak = _speed(row), finite(row.get("peak_bytes"))
    epoch = fixed(examples / speed) if examples and speed else "–"
    memory = "–" if peak is None else f"{number(peak / 2**20)} MiB"
    outcome = "runs" if speed else one_line(text(row.get("error"), "does not fit"), 120)
    cells = (number(row.get("batch_size")), count(speed) if speed else "–", number(row.get("step_seconds")), epoch)
    size = float(row["batch_size"])
    needed = tuple(number(_needed(size, value), 3) for value in scale)
    return (*cells, memory, outcome, *((f"{needed[0]} ({needed[2]} to {needed[1]}) times",) if needed else ()))


def _paint(
    canvas: Canvas,
    rows: list[dict[str, Any]],
    knee: float | None,
    scale: tuple[float, ...],
    lines: list[tuple[float, str, str, str]],
) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    below = _LOWER if scale else 0
    upper = place(canvas, (64, 40, 16, below + 44))
    sizes = [float(row["batch_size"]) for row in rows]
    reach = [*sizes, *(x for x, _, _, _ in lines), *([scale[0]] if scale and _near(scale[0], sizes) else [])]
    _sizes(upper, reach, sizes)
    timed = [(float(row["batch_size"]), _speed(row)) for row in rows if _speed(row)]
    upper.plot(
        [x for x, _ in timed], [y for _, y in timed], color=VAL, linewidth=1.8, marker="o", markersize=6, zorder=4
    )
    upper.set_ylim(0, 1.12 * max(y for _, y in timed))
    upper.yaxis.set_major_locator(MaxNLocator(5))
    upper.yaxis.set_major_formatter(FuncFormatter(lambda value, _: count(value)))
    upper.set_ylabel("examples a second")
    up = upper.get_xaxis_transform()
    for row in rows:
        if not _speed(row):
            upper.plot([float(row["batch_size"])], [0.05], "x", color=BAD, markersize=8, mew=2, transform=up, zorder=5)
    at = next((speed for size, speed in timed if size == knee), None)
    if knee is not None and at is not None:
        upper.plot([knee], [at], "o", color=VAL, markersize=13, markerfacecolor="none", mew=1.4, zorder=5)
        upper.annotate("knee", (knee, at), (0, -22), textcoords="offset points", ha="center", color=VAL, fontsize=11)
    marks(upper, lines)
    if not scale:
        upper.set_xlabel("batch size, log scale")
        return
    lower = place(canvas, (64, _UPPER + 6, 16, 44))
    _sizes(lower, reach, sizes)
    _examples(lower, scale)
    for x, _, colour, dashes in lines:
        lower.axvline(x, color=colour, linewidth=1.4, linestyle=dashes, zorder=3)
    lower.set_xlabel("batch size, log scale")
    lower.set_ylabel("examples needed")


def _near(value: float, sizes: list[float]) -> bool:
    return min(sizes) / 8 <= value <= max(sizes) * 8


def _sizes(axes: Axes, reach: list[float], sizes: list[float]) -> None:
    axes.set_xscale("log")
    low, high = min(reach), max(reach)
    axes.set_xlim(low / 1.3, high * 1.3)
    value_ticks(axes, sizes, [number(size) for size in sizes])


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
    axes.annotate(
        words, (min(max(share, 0.2), 0.8), 1), (0, 5), xycoords="axes fraction", textcoords="offset points",
        ha="center", color=MUTED, fontsize=11,
    )  # fmt: skip
    if not beyond:
        axes.plot([value], [2.0], "D", color=TRAIN, markersize=7, zorder=6)
