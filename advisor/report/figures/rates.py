"""Loss over learning rate at every length that was measured, and the best rate carried to the full run."""

from __future__ import annotations

from typing import Any

from advisor.report.figures.base import BAD, BAND, MUTED, VAL, Figure, draw, key
from advisor.report.figures.rates_drawing import HEIGHT, Marks, paint
from advisor.report.formatting import fixed, knob, length, number, one_line
from advisor.report.lenient import column, finite, mapping, mappings, text


def rates_figure(
    series: dict[str, Any], setting: dict[str, Any], reach: float, goal: str, anchor: str, upwards: bool = False
) -> Figure:
    """Every length in one figure, the shortest palest; below it the best rate of each length, joined to the full run.

    Args:
        series: The series of report.json.
        setting: The entry of the learning rate among the knobs; may be empty.
        reach: The advised length as a share of the full run.
        goal: What the results are: ``validation loss``, or the name of a metric.
        anchor: The id in the page.
        upwards: Higher is better.
    """
    data = mapping(series.get("rates"))
    runs = [run for run in mappings(data.get("lengths")) if (finite(run.get("length")) or 0) > 0 and _points(run)]
    title = f"{knob('lr').capitalize()}: {goal} at each length of run"
    shows = tuple(f"response-{run['response']}" for run in runs if run.get("response") is not None)
    if not runs:
        return Figure("rates", anchor, title, "", note="No two learning rates were compared, so none are drawn.")
    drift = mapping(data.get("drift"))
    marks = Marks(finite(setting.get("current")), finite(setting.get("recommended")), reach, upwards)
    description = _describe(runs, drift, marks, goal)
    svg = draw(anchor, title, description, HEIGHT, lambda canvas: paint(canvas, runs, drift, marks, goal))
    head = ("share of the full run", "batch size", "learning rate", goal, "what")
    rows = (*(row for run in runs for row in _rows(run)), *_carried(drift, marks))
    return Figure("rates", anchor, title, description, svg, head, rows, _note(data), _key(runs, drift), shows)


def _points(run: dict[str, Any]) -> list[dict[str, Any]]:
    return [point for point in mappings(run.get("points")) if (finite(point.get("value")) or 0) > 0]


def _span(best: dict[str, Any]) -> str:
    return f"{number(best.get('value'))} ({number(best.get('low'))} to {number(best.get('high'))})"


def _describe(runs: list[dict[str, Any]], drift: dict[str, Any], marks: Marks, goal: str) -> str:
    parts = [f"{goal[:1].upper()}{goal[1:]} over learning rate, log scale, at {len(runs)} lengths of run."]
    if len(runs) == 1:
        parts = [f"{goal[:1].upper()}{goal[1:]} over learning rate, log scale, at one length of run."]
    for run in runs:
        best, points = mapping(run.get("best")), _points(run)
        gone = sum(bool(point.get("diverged")) for point in points)
        said = f"At {length(run.get('length'))} of the full run {len(points)} rate{'s' if len(points) > 1 else ''}"
        said += f", {gone} diverged" if gone else ""
        parts.append(f"{said}: best {_span(best)}." if best else f"{said}.")
    ends = [column(drift.get(name)) for name in ("value", "low", "high")]
    if all(ends):
        value, low, high = (end[-1] for end in ends)
        parts.append(f"Carried to the full run: {number(value)} ({number(low)} to {number(high)}).")
    parts += [f"The advised rate is {number(marks.advised)}."] if marks.advised is not None else []
    parts += [f"The rate in use is {number(marks.now)}."] if marks.now is not None else []
    return " ".join(parts)


def _note(data: dict[str, Any]) -> str:
    """How far the line below can be trusted."""
    drift = mapping(data.get("drift"))
    power = mapping(drift.get("exponent"))
    if finite(power.get("value")) is None:
        return one_line(f"Above: each length of run. {text(data.get('reason'))}")
    value = float(power["value"])
    moves = f"{'falls' if value < 0 else 'grows'} with length to the power {number(value, 2)}"
    span = f"({number(power.get('low'), 2)} to {number(power.get('high'), 2)})"
    if (finite(drift.get("optima")) or 0) > 1:
        return f"Above: each length of run. Below: the best rate of each, carried to the full run; it {moves} {span}."
    return (
        "Above: each length of run. Below: the best rate, carried to the full run. Rates were compared at one length "
        f"only: that the best one {moves} {span} is experience from other tasks, not measured here."
    )


def _key(runs: list[dict[str, Any]], drift: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    noisy = any(finite(run.get("noise")) for run in runs)
    entries = [("● measured ± noise" if noisy else "● measured", VAL)]
    entries += [("━ fit", VAL)] if any(run.get("curve") for run in runs) else []
    entries += [("◆ best, with its interval", VAL)] if any(mapping(run.get("best")) for run in runs) else []
    entries += [("▮ carried, 80% interval", BAND)] if drift else []
    entries += [("○ one rate tried", MUTED)] if any(run.get("verdict") == "single" for run in runs) else []
    gone = any(point.get("diverged") for run in runs for point in _points(run))
    return key(*entries, *([("× diverged", BAD)] if gone else []))


def _rows(run: dict[str, Any]) -> list[tuple[str, ...]]:
    share, batch = length(run.get("length")), number(run.get("batch_size"))
    rows: list[tuple[str, ...]] = [
        (share, batch, number(p.get("value")), fixed(p.get("loss")), "diverged" if p.get("diverged") else "measured")
        for p in _points(run)
    ]
    best = mapping(run.get("best"))
    ends = {"edge_low": "best, at the lowest rate tried", "edge_high": "best, at the highest rate tried"}
    what = ends.get(text(run.get("verdict")), "best, with its interval")
    return [*rows, (share, batch, _span(best), "", what)] if best else rows


def _carried(drift: dict[str, Any], marks: Marks) -> list[tuple[str, ...]]:
    share, value, low, high = (column(drift.get(name)) for name in ("length", "value", "low", "high"))
    rows: list[tuple[str, ...]] = []
    if share and len({len(share), len(value), len(low), len(high)}) == 1:
        span = _span({"value": value[-1], "low": low[-1], "high": high[-1]})
        rows.append((length(share[-1]), "", span, "", "carried, 80% interval"))
    if marks.advised is not None:
        rows.append((length(marks.reach), "", number(marks.advised), "", "advised"))
    return rows
