"""The result of ``advisor read`` as one HTML page without scripts or network, in the style of the tuning report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.app.read.opening import opening
from advisor.app.read.result import Reading, detected
from advisor.app.read.sketch import Mark, marks, sketch, worst
from advisor.fits.smoothing import Floats
from advisor.logs.evidence import Curve, RunEvidence
from advisor.logs.roles import pick
from advisor.report.figures.axes import loss_limits, loss_scale
from advisor.report.figures.base import BAD, MUTED, NOW, TRAIN, VAL, Figure, draw, key, place
from advisor.report.findings import Place, ShownFinding
from advisor.report.formatting import one_line, slug
from advisor.report.html import environment
from advisor.report.smooth import thin
from advisor.rules.finding import Finding
from advisor.schema.base import Setting
from advisor.schema.reading import Ranked, ReadComparison
from advisor.utils.jsonio import finite, floats
from advisor.utils.numbers import fixed, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_HEIGHT, _POINTS, _ROWS = 300, 300, 30
_FULL = 12  # up to this many runs, each is shown with a full figure, its data and all checks
_GLANCE, _DEPTH = (240, 84), (560, 150)
_KEY = key(("━ training loss", TRAIN), ("●━ validation loss", VAL), ("━ learning rate", MUTED))


@dataclass(frozen=True, slots=True)
class _ShownRun:
    """One run as the page shows it."""

    anchor: str
    name: str
    settings: Sequence[tuple[str, str]]
    schedule: str
    notes: Sequence[str]
    detected: Sequence[ShownFinding]
    said: str
    opening: Sequence[str]
    passed: Sequence[ShownFinding]
    figure: Figure | None
    worst: str
    glance: str
    depth: str
    checked: int


@dataclass(frozen=True, slots=True)
class _ShownComparison:
    """One group of runs as the page shows it."""

    why: str
    objective: str
    noise: str
    rows: Sequence[tuple[str, ...]]
    knobs: Sequence[str]
    unfair: Sequence[str]
    notes: Sequence[str]


def page(reading: Reading) -> str:
    """Renders the page; the output is deterministic."""
    text = (Path(__file__).parent / "templates" / "read.html.j2").read_text(encoding="utf-8")
    template = environment().from_string(text)
    full = len(reading.runs) <= _FULL
    return template.render(
        runs=[_run(index, *entry, full=full) for index, entry in enumerate(reading.runs)],
        full=full,
        counts=_counts(reading),
        comparison=[_comparison(item) for item in reading.comparison],
        alone=reading.alone,
        failures=[f"{item.expected}: {item.found}" for item in reading.failures],
        declined=[(why, ", ".join(names[:40])) for why, names in reading.declined],
    )


def _counts(reading: Reading) -> list[tuple[str, int]]:
    """Number of runs with a fault, with advice only, and with neither."""
    found = [worst(findings) for _, findings in reading.runs]
    sets = (("with a fault", ("fault",)), ("with advice", ("advice",)), ("with neither", ("info", "none")))
    return [(words, count) for words, kinds in sets if (count := sum(item in kinds for item in found))]


def _run(index: int, evidence: RunEvidence, findings: Sequence[Finding], *, full: bool) -> _ShownRun:
    anchor = f"run-{index}-{slug(evidence.run.name)}"
    figure = _figure(evidence, findings, f"{anchor}-curves") if full else None
    drawn = figure is not None and figure.svg
    seen = Place(f"{anchor}-curves", "the curves of this run") if drawn else Place(anchor, "this run")
    found = [_shown(item, anchor, seen) for item in detected(findings)]
    said = list(opening(evidence, findings))
    passed = [item for item in findings if item.judgement.verdict != "detected"]
    return _ShownRun(
        anchor=anchor,
        name=one_line(evidence.run.name, 200),
        settings=[(name, _value(value)) for name, value in evidence.run.settings],
        schedule=evidence.schedule.words(),
        notes=evidence.run.notes,
        detected=found,
        said="; ".join([*said, *(item.title for item in found)]),
        opening=said,
        passed=[_shown(item, anchor, seen) for item in passed] if full else [],
        figure=figure,
        worst=worst(findings),
        glance=sketch(evidence, findings, _GLANCE),
        depth="" if full else sketch(evidence, findings, _DEPTH, limits=True),
        checked=len(passed),
    )


def _shown(finding: Finding, run: str, seen: Place) -> ShownFinding:
    """A finding in the form that the report's macros use; ``seen`` is the place of its evidence."""
    part = finding.as_part()
    values = [(name, _value(value)) for name, value in part.evidence.values.items() if value is not None]
    return ShownFinding(part, f"{run}-{finding.code}", values, [seen], part.sources)


def _value(value: Setting) -> str:
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _comparison(item: ReadComparison) -> _ShownComparison:
    return _ShownComparison(
        why=item.why,
        objective=item.objective,
        noise=item.noise_text,
        rows=[_row(place, result) for place, result in enumerate(item.ranking, 1)],
        knobs=[answer.text for answer in item.knobs],
        unfair=item.unfair,
        notes=item.notes,
    )


def _row(place: int, result: Ranked) -> tuple[str, ...]:
    settings = ", ".join(f"{name} {_value(value)}" for name, value in result.settings.items())
    measured = floats((result.value, result.metric, result.seconds_per_epoch))
    value, metric, pace = (number(finite(item)) for item in measured)
    return (str(place), result.name, value, metric, settings, f"{number(result.length, 6)} {result.axis}s", pace)


def _figure(evidence: RunEvidence, findings: Sequence[Finding], anchor: str) -> Figure:
    title = f"Curves of {one_line(evidence.run.name, 80)}"
    curves = [curve for curve in (evidence.train, evidence.val) if curve is not None]
    ends = "; ".join(f"{one_line(curve.name, 40)} ends at {fixed(curve.final)}" for curve in curves)
    if not curves:
        return Figure("curves", anchor, title, "", note="No loss was logged, so none is drawn.")
    svg = draw(anchor, title, ends, _HEIGHT, lambda canvas: _paint(canvas, evidence, marks(findings)))
    rows = [
        (one_line(curve.name, 40), f"{curve.at[i]:.1%}", fixed(curve.raw[i]))
        for curve in curves
        for i in thin(len(curve.raw), _ROWS)
    ]
    return Figure("curves", anchor, title, ends, svg, ("curve", "share of the run", "value"), tuple(rows), "", _KEY)


def _paint(canvas: Canvas, evidence: RunEvidence, found: Sequence[Mark]) -> None:
    hit = pick(evidence.run.columns, "lr")
    upper = place(canvas, (60, 16, 20, 104 if hit else 44))
    shown: list[float] = []
    if evidence.train is not None:
        _line(upper, evidence.train, TRAIN, 0.3)
        upper.plot(evidence.train.x, evidence.train.y, color=TRAIN, linewidth=2)
        shown += evidence.train.y
    if evidence.val is not None:
        few = len(evidence.val.raw) <= 60
        _line(upper, evidence.val, VAL, 1.0 if few else 0.3, "o" if few else "")
        upper.plot(evidence.val.x, evidence.val.y, color=VAL, linewidth=1.8)
        shown += evidence.val.y
    loss_scale(upper, *loss_limits(shown, generous=6))
    upper.set_ylabel("loss")
    upper.set_xlim(0, 1)
    for curve in (evidence.train, evidence.val):
        if curve is not None and curve.broken:
            upper.plot(curve.x[-1:], curve.y[-1:], color=BAD, marker="x", markersize=9, markeredgewidth=1.8)
    for row, mark in enumerate(item for item in found if math.isfinite(item.at)):
        _draw(upper, mark, row)
    lowest = upper
    if hit is not None:
        lowest = place(canvas, (60, _HEIGHT - 92, 20, 40))
        upper.tick_params(labelbottom=False)
        _rate(lowest, evidence, *hit[0].finite)
    lowest.set_xlabel("share of the run")


def _draw(axes: Axes, mark: Mark, row: int) -> None:
    """Marks a finding: a line, the shaded part after it, and its code."""
    colour = BAD if mark.severity == "fault" else NOW if mark.severity == "advice" else MUTED
    axes.axvline(mark.at, color=colour, linewidth=1.2, linestyle=(0, (4, 3)))
    if not row:
        axes.axvspan(mark.at, 1.0, color=colour, alpha=0.08, linewidth=0)
    late = mark.at > 0.75
    axes.annotate(
        mark.code, (mark.at, 1.0), (-4 if late else 4, -4 - 12 * row), xycoords=("data", "axes fraction"),
        textcoords="offset points", ha="right" if late else "left", va="top", color=colour, fontsize=10.5,
    )  # fmt: skip


def _rate(axes: Axes, evidence: RunEvidence, x: Floats, rate: Floats) -> None:
    keep = thin(x.size, _POINTS)
    end = max(item.x[-1] for item in evidence.run.columns if len(item.x) > 1)
    axes.plot([x[i] / end for i in keep], [rate[i] for i in keep], color=MUTED, linewidth=1.4)
    axes.set_ylabel("rate")
    axes.set_xlim(0, 1)
    peak = evidence.schedule.peak
    if math.isfinite(peak) and peak > 0:
        axes.set_ylim(0, 1.1 * peak)
        axes.set_yticks([0, peak], labels=["0", number(peak, 2)])


def _line(axes: Axes, curve: Curve, colour: str, alpha: float, marker: str = "") -> None:
    keep = thin(len(curve.raw), _POINTS)
    x, y = [curve.at[i] for i in keep], [curve.raw[i] for i in keep]
    axes.plot(x, y, color=colour, linewidth=0.8, alpha=alpha, marker=marker, markersize=3)
