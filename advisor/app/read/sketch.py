"""A run's curves as a small SVG with its findings marked, light enough for two hundred on one page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from advisor.logs.evidence import Curve, RunEvidence
from advisor.report.figures.axes import loss_limits
from advisor.report.formatting import SEVERITY, one_line
from advisor.report.smooth import thin
from advisor.rules.finding import Finding, Verdict
from advisor.utils.numbers import number

_PLACES = ("at", "from", "best_at")
_POINTS = 40
_TALL = 30.0  # ratio of the limits above which the axis is logarithmic
_MOST_MARKS = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """Position of a finding on the curves.

    Attributes:
        at: Share of the run; NaN if it concerns the whole run.
        code: Code of the finding.
        severity: Its severity.
    """

    at: float
    code: str
    severity: str


def marks(findings: Sequence[Finding]) -> list[Mark]:
    """The findings that are drawn, by severity."""
    found = [item for item in findings if item.judgement.verdict == Verdict.DETECTED]
    return [
        Mark(_place(item), item.code, item.severity) for item in sorted(found, key=lambda item: SEVERITY[item.severity])
    ][:_MOST_MARKS]


def worst(findings: Sequence[Finding]) -> str:
    """Severity of the worst finding; ``none`` if there is none."""
    found = marks(findings)
    return found[0].severity if found else "none"


def sketch(evidence: RunEvidence, findings: Sequence[Finding], size: tuple[int, int], limits: bool = False) -> str:
    """An SVG with the page's colours; empty if no curve has two values.

    Args:
        evidence: The run.
        findings: Its findings; detected ones are drawn.
        size: Width and height in pixels.
        limits: Whether to show the lowest and highest value beside the curves.
    """
    curves = [(curve, name) for curve, name in _curves(evidence) if len(curve.x) > 1]
    if not curves:
        return ""
    upwards = curves[0][0].higher_is_better
    low, high = loss_limits([value for curve, _ in curves for value in curve.y], 6.0, upwards)
    width, height = size
    flat = high - low <= 1e-9 * max(abs(low), abs(high), 1e-300)
    logarithmic = not flat and low > 0 and high / low > _TALL
    top, bottom = 16.0, height - 4.0

    def level(value: float) -> float:
        value = min(max(value, low), high)
        if flat:
            return 0.5 * (top + bottom)
        part = math.log(value / low) / math.log(high / low) if logarithmic else (value - low) / (high - low)
        return bottom - part * (bottom - top)

    drawn = [*_marked(marks(findings), width, top, bottom)]
    for curve, name in curves:
        keep = thin(len(curve.x), _POINTS)
        points = " ".join(f"{width * curve.x[i]:.0f},{level(curve.y[i]):.0f}" for i in keep)
        drawn.append(f'<polyline class="{name}" points="{points}"/>')
        if curve.broken:
            x, y = width * curve.x[-1], level(curve.y[-1])
            drawn.append(f'<path class="lost" d="M{x - 4:.0f},{y - 4:.0f}l8,8m0,-8l-8,8"/>')
    if limits:
        drawn.append(
            f'<text x="2" y="{bottom:.0f}">{number(low)}</text><text x="2" y="{top + 9:.0f}">{number(high)}</text>'
        )
    words = escape(_words(curves, marks(findings)), quote=True)
    return f'<svg class="sketch" role="img" aria-label="{words}" viewBox="0 0 {width} {height}">{"".join(drawn)}</svg>'


def _curves(evidence: RunEvidence) -> list[tuple[Curve, str]]:
    losses = [(curve, name) for curve, name in ((evidence.train, "t"), (evidence.val, "v")) if curve is not None]
    if losses:
        return losses if evidence.comparable or len(losses) == 1 else losses[1:]
    return [(evidence.metric, "v")] if evidence.metric is not None else []


def _marked(found: Sequence[Mark], width: int, top: float, bottom: float) -> list[str]:
    drawn = []
    for row, mark in enumerate(found):
        at = mark.at if math.isfinite(mark.at) else 0.0
        x = min(max(width * at, 0.0), float(width))
        if math.isfinite(mark.at):
            box = f'<rect x="{x:.0f}" y="{top:.0f}" width="{width - x:.0f}" height="{bottom - top:.0f}"/>'
            line = f'<path d="M{x:.0f},{top - 4:.0f}V{bottom:.0f}"/>'
            drawn.append(f'<g class="{mark.severity}">{"" if row else box}{line}</g>')
        anchor, place = ("end", x - 3) if at > 0.6 else ("start", x + 3)
        where = f'x="{place:.0f}" y="{11 + 11 * row}" text-anchor="{anchor}"'
        drawn.append(f'<text class="{mark.severity}" {where}>{mark.code}</text>')
    return drawn


def _place(finding: Finding) -> float:
    values = finding.judgement.values
    found = next((values[name] for name in _PLACES if isinstance(values.get(name), (int, float))), math.nan)
    return float(found)


def _words(curves: Sequence[tuple[Curve, str]], found: Sequence[Mark]) -> str:
    ends = "; ".join(f"{one_line(curve.name, 40)} {number(curve.y[0])} to {number(curve.y[-1])}" for curve, _ in curves)
    seen = ", ".join(f"{mark.code} at {mark.at:.0%}" if math.isfinite(mark.at) else mark.code for mark in found)
    return f"{ends}. {seen}" if seen else ends
