"""Loss over learning rate at every measured length, and the best rate extrapolated to the full run."""

from __future__ import annotations

from advisor.report.figures.axes import current_and_advised
from advisor.report.figures.base import BAD, BAND, MUTED, VAL, Figure, draw, key
from advisor.report.figures.rates_drawing import HEIGHT, Marks, paint
from advisor.report.formatting import knob, one_line
from advisor.schema.responses import Drift, Estimate, Point, Rates, RatesAtLength
from advisor.schema.settings import Knob
from advisor.utils.numbers import fixed, length, number


def rates_figure(
    data: Rates, setting: Knob | None, reach: float, goal: str, anchor: str, upwards: bool = False
) -> Figure:
    """All lengths in one figure, the shortest palest; below it the best rate of each length, extended to the full run.

    Args:
        data: All lengths.
        setting: The learning rate among the knobs.
        reach: Recommended length as a share of the full run.
        goal: Name of the result: ``validation loss``, or the name of a metric.
        anchor: Id in the page.
        upwards: Whether higher is better.
    """
    runs = [run for run in data.lengths if run.length > 0 and _points(run)]
    title = f"{knob('lr').capitalize()}: {goal} at each length of run"
    shows = tuple(f"response-{run.response}" for run in runs if run.response is not None)
    if not runs:
        return Figure("rates", anchor, title, "", note="No two learning rates were compared, so none are drawn.")
    drift = data.drift
    marks = Marks(*current_and_advised(setting), reach, upwards)
    description = _describe(runs, drift, marks, goal)
    svg = draw(anchor, title, description, HEIGHT, lambda canvas: paint(canvas, runs, drift, marks, goal))
    head = ("share of the full run", "batch size", "learning rate", goal, "what")
    rows = (*(row for run in runs for row in _rows(run)), *_carried(drift, marks))
    return Figure("rates", anchor, title, description, svg, head, rows, _note(data), _key(runs, drift), shows)


def _points(run: RatesAtLength) -> list[Point]:
    return [point for point in run.points if point.value > 0]


def _span(best: Estimate) -> str:
    return f"{number(best.value)} ({number(best.low)} to {number(best.high)})"


def _describe(runs: list[RatesAtLength], drift: Drift | None, marks: Marks, goal: str) -> str:
    parts = [f"{goal[:1].upper()}{goal[1:]} over learning rate, log scale, at {len(runs)} lengths of run."]
    if len(runs) == 1:
        parts = [f"{goal[:1].upper()}{goal[1:]} over learning rate, log scale, at one length of run."]
    for run in runs:
        best, points = run.best, _points(run)
        gone = sum(point.diverged for point in points)
        said = f"At {length(run.length)} of the full run {len(points)} rate{'s' if len(points) > 1 else ''}"
        said += f", {gone} diverged" if gone else ""
        parts.append(f"{said}: best {_span(best)}." if best else f"{said}.")
    if drift is not None:
        parts.append(f"Extrapolated to the full run: {_span(_end(drift))}.")
    parts += [f"The advised rate is {number(marks.advised)}."] if marks.advised is not None else []
    parts += [f"The current rate is {number(marks.now)}."] if marks.now is not None else []
    return " ".join(parts)


def _end(drift: Drift) -> Estimate:
    """The rate at the longest length."""
    return Estimate(value=drift.value[-1], low=drift.low[-1], high=drift.high[-1])


def _note(data: Rates) -> str:
    """How reliable the line below is."""
    drift = data.drift
    if drift is None:
        return one_line(f"Above: each length of run. {data.reason}")
    power, value = drift.exponent, drift.exponent.value
    moves = f"{'falls' if value < 0 else 'grows'} with length to the power {number(value, 2)}"
    span = f"({number(power.low, 2)} to {number(power.high, 2)})"
    if drift.optima > 1:
        return f"Above: each length of run. Below: the best rate of each, extended to the full run; it {moves} {span}."
    return (
        "Above: each length of run. Below: the best rate, extended to the full run. Rates were compared at one length "
        f"only: that the best one {moves} {span} is a prior from other tasks, not measured here."
    )


def _key(runs: list[RatesAtLength], drift: Drift | None) -> tuple[tuple[str, str], ...]:
    noisy = any(run.noise for run in runs)
    entries = [("● measured ± noise" if noisy else "● measured", VAL)]
    entries += [("━ fit", VAL)] if any(run.curve for run in runs) else []
    entries += [("◆ best, with its interval", VAL)] if any(run.best for run in runs) else []
    entries += [("▮ extrapolated, 80% interval", BAND)] if drift else []
    entries += [("○ one rate tried", MUTED)] if any(run.verdict == "single" for run in runs) else []
    gone = any(point.diverged for run in runs for point in _points(run))
    return key(*entries, *([("× diverged", BAD)] if gone else []))


def _rows(run: RatesAtLength) -> list[tuple[str, ...]]:
    share, batch = length(run.length), number(run.batch_size)
    rows: list[tuple[str, ...]] = [
        (share, batch, number(p.value), fixed(p.loss), "diverged" if p.diverged else "measured") for p in _points(run)
    ]
    best = run.best
    ends = {"edge_low": "best, at the lowest rate tried", "edge_high": "best, at the highest rate tried"}
    what = ends.get(run.verdict, "best, with its interval")
    return [*rows, (share, batch, _span(best), "", what)] if best else rows


def _carried(drift: Drift | None, marks: Marks) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    if drift is not None:
        rows.append((length(drift.length[-1]), "", _span(_end(drift)), "", "extrapolated, 80% interval"))
    if marks.advised is not None:
        rows.append((length(marks.reach), "", number(marks.advised), "", "advised"))
    return rows
