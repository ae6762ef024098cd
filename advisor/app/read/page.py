"""The reading as one HTML page without scripts or network, in the style of the tuning report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.app.read.opening import opening
from advisor.app.read.result import Reading, detected
from advisor.fits.smoothing import Floats
from advisor.logs.evidence import Curve, RunEvidence
from advisor.logs.roles import pick
from advisor.report.figures.axes import loss_limits, loss_scale
from advisor.report.figures.base import MUTED, TRAIN, VAL, Figure, draw, key, place
from advisor.report.formatting import fixed, number, one_line, slug
from advisor.report.html import environment
from advisor.report.smooth import thin
from advisor.rules.finding import Finding

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_HEIGHT, _POINTS, _ROWS, _MOST = 300, 300, 30, 40
_KEY = key(("━ training loss", TRAIN), ("●━ validation loss", VAL), ("━ learning rate", MUTED))


def page(reading: Reading) -> str:
    """HTML text; the same bytes for the same reading."""
    text = (Path(__file__).parent / "templates" / "read.html.j2").read_text(encoding="utf-8")
    runs = [_run(index, *entry) for index, entry in enumerate(reading.runs)]
    return environment().from_string(text).render(
        runs=runs, comparison=[_comparison(item) for item in reading.comparison], alone=list(reading.alone),
        failures=[f"{item.expected}: {item.found}" for item in reading.failures],
        declined=[(why, ", ".join(names[:40])) for why, names in reading.declined],
    )  # fmt: skip


def _run(index: int, evidence: RunEvidence, findings: Sequence[Finding]) -> dict[str, Any]:
    anchor = f"run-{index}-{slug(evidence.run.name)}"
    figure = _figure(evidence, f"{anchor}-curves") if index < _MOST else None
    where, title = (f"{anchor}-curves", "the curves of this run") if figure and figure.svg else (anchor, "this run")
    seen = {"anchor": where, "title": title}
    found = [_shown(item.as_dict(), anchor, seen) for item in detected(findings)]
    rest = [item for item in findings if item.judgement.verdict != "detected"]
    return {
        "anchor": anchor,
        "name": one_line(evidence.run.name, 200),
        "settings": [(name, number(value) if isinstance(value, float) else str(value))
                     for name, value in evidence.run.settings],
        "schedule": evidence.schedule.words(),
        "notes": list(evidence.run.notes),
        "detected": found,
        "said": "; ".join([*opening(evidence, findings), *(item["title"] for item in found)]),
        "opening": list(opening(evidence, findings)),
        "passed": [_shown(item.as_dict(), anchor, seen) for item in rest],
        "figure": figure,
    }  # fmt: skip


def _shown(finding: dict[str, Any], run: str, seen: dict[str, str]) -> dict[str, Any]:
    """A finding in the form that the report's own pieces of template take; ``seen`` is where its evidence stands."""
    values = [(name, _value(value)) for name, value in finding["evidence"]["values"].items() if value is not None]
    return {
        **finding,
        "anchor": f"{run}-{finding['code']}",
        "evidence": finding["evidence"]["text"],
        "values": values,
        "figures": [seen],
    }


def _value(value: Any) -> str:
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _comparison(item: Any) -> dict[str, Any]:
    return {
        "why": item.why,
        "objective": item.objective,
        "noise": item.noise_text,
        "rows": [
            (place, one.name, number(one.value), number(one.metric), ", ".join(f"{k} {_value(v)}" for k, v in
             one.knobs.items()), f"{number(one.length, 6)} {one.axis}s", number(one.seconds_per_epoch))
            for place, one in enumerate(item.ranking, 1)
        ],
        "knobs": [answer.text for answer in item.knobs],
        "unfair": list(item.unfair),
        "notes": list(item.notes),
    }  # fmt: skip


def _figure(evidence: RunEvidence, anchor: str) -> Figure:
    title = f"Curves of {one_line(evidence.run.name, 80)}"
    curves = [curve for curve in (evidence.train, evidence.val) if curve is not None]
    ends = "; ".join(f"{one_line(curve.name, 40)} ends at {fixed(curve.final)}" for curve in curves)
    if not curves:
        return Figure("curves", anchor, title, "", note="No loss was logged, so none is drawn.")
    svg = draw(anchor, title, ends, _HEIGHT, lambda canvas: _paint(canvas, evidence))
    rows = [(one_line(curve.name, 40), f"{curve.at[i]:.1%}", fixed(curve.raw[i]))
            for curve in curves for i in thin(len(curve.raw), _ROWS)]  # fmt: skip
    return Figure("curves", anchor, title, ends, svg, ("curve", "share of the run", "value"), tuple(rows), "", _KEY)


def _paint(canvas: Canvas, evidence: RunEvidence) -> None:
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
    lowest = upper
    if hit is not None:
        lowest = place(canvas, (60, _HEIGHT - 92, 20, 40))
        upper.tick_params(labelbottom=False)
        _rate(lowest, evidence, *hit[0].finite)
    lowest.set_xlabel("share of the run")


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
    axes.plot(
        [curve.at[i] for i in keep], [curve.raw[i] for i in keep], color=colour, linewidth=0.8, alpha=alpha,
        marker=marker, markersize=3,
    )  # fmt: skip
