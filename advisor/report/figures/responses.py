"""A response: final loss against one knob, with its noise, its fit and the interval of the best value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from advisor.report.figures.axes import current_and_advised, fitted, loss_limits, loss_scale, value_ticks
from advisor.report.figures.base import BAD, BAND, INK, MUTED, NOW, VAL, Figure, draw, key, marks, place
from advisor.report.formatting import knob, one_line, sentence
from advisor.schema.responses import Point, Response
from advisor.schema.settings import Knob
from advisor.utils.jsonio import floats
from advisor.utils.numbers import fixed, length, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_HEIGHT = 300
_VERDICTS = {
    "resolved": "",
    "edge_low": "The best lies at or below the smallest value tried.",
    "edge_high": "The best lies at or above the largest value tried.",
    "flat": "The differences are within the noise: there is no best value.",
    "unmeasured": "Too few probes finished to fit a curve.",
}


def response_figure(response: Response, setting: Knob | None, goal: str, anchor: str, upwards: bool = False) -> Figure:
    """The figure of one response.

    Args:
        response: The measurements.
        setting: Its knob, with the current and the recommended value.
        goal: Name of the losses: ``validation loss``, or the name of a metric.
        anchor: Id in the page.
        upwards: Whether higher is better.
    """
    identity = f"response-{response.id}"
    name = knob(response.knob)
    head = f"{name[:1].upper()}{name[1:]}"
    title = f"{head}: {goal} after {length(response.length)} of the full run"
    if response.knob == "epochs":
        title = f"{head}: the best {goal} at each length"
    points, reason = response.points, one_line(response.reason)
    if not points:
        note = f"No probe of {one_line(name, 60)} left a result, so no response is drawn. {reason}".strip()
        return Figure(identity, anchor, one_line(title), "", note=note)
    now, advised = current_and_advised(setting)
    verdict = "" if response.knob == "epochs" else _VERDICTS.get(response.verdict, "")
    description = _describe(response, points, (now, advised), (one_line(name, 60), goal), verdict)
    title = one_line(title)
    svg = draw(
        anchor,
        title,
        description,
        _HEIGHT,
        lambda canvas: _paint(canvas, response, points, (now, advised, goal), upwards),
    )
    columns = (one_line(name, 60), f"mean {goal}", "by seed", "outcome")
    said = (
        one_line(response.context),
        verdict,
        reason if verdict or response.knob == "epochs" else "",
    )
    note = " ".join(
        f"{sentence(part.replace('lr ', 'learning rate ', 1) if part.startswith('lr ') else part).rstrip('.')}."
        for part in said
        if part
    )
    return Figure(
        identity,
        anchor,
        title,
        description,
        svg,
        columns,
        tuple(_row(p) for p in points),
        note,
        _key(response, points),
    )


def _describe(
    response: Response,
    points: tuple[Point, ...],
    settings: tuple[float | None, float | None],
    names: tuple[str, str],
    verdict: str,
) -> str:
    (now, advised), (name, goal) = settings, names
    diverged = sum(p.diverged for p in points)
    parts = [f"{goal[:1].upper()}{goal[1:]} at {len(points)} values of {name}; {diverged} of them diverged."]
    best = response.best
    if best is not None:
        interval = f"{number(best.low)} to {number(best.high)}"
        parts.append(f"The best is {number(best.value)}, interval {interval}.")
    if now is not None:
        parts.append(f"The current setting is {number(now)}.")
    if advised is not None:
        parts.append(f"The advised setting is {number(advised)}.")
    return " ".join([*parts, verdict]).strip()


class _Scale:
    """Positions of values on x: linear, or on a log axis with a separate place for zero."""

    def __init__(self, response: Response, values: list[float]) -> None:
        positive = sorted(value for value in values if value > 0)
        self.log = response.scale == "log" and bool(positive)
        self.zero = None
        low, high = (positive[0], positive[-1]) if self.log else (min(values), max(values))
        if self.log:
            if min(values) <= 0:
                low = self.zero = low / max(3.0, (high / low) ** 0.2)
            pad = max((high / low) ** 0.06, 1.15)
            self.limits = (low / pad, high * pad)
        else:
            pad = 0.06 * (high - low) or abs(low) * 0.1 or 1.0
            self.limits = (low - pad, high + pad)

    def x(self, value: float) -> float:
        """The position of a value."""
        return value if not self.log or value > 0 or self.zero is None else self.zero

    def apply(self, axes: Axes, values: list[float]) -> None:
        """Sets limits, and ticks at the tried values."""
        if self.log:
            axes.set_xscale("log")
        axes.set_xlim(*self.limits)
        value_ticks(axes, [self.x(value) for value in values], [number(value) for value in values])


def _paint(
    canvas: Canvas,
    response: Response,
    points: tuple[Point, ...],
    settings: tuple[float | None, float | None, str],
    upwards: bool,
) -> None:
    now, advised, goal = settings
    axes = place(canvas, (60, 42, 12, 44))
    best = response.best
    value, low, high = (best.value, best.low, best.high) if best else (None, None, None)
    curve_x, curve_y = fitted(response.curve)
    reach = [p.value for p in points] + [v for v in (value, now, advised) if v is not None]
    scale = _Scale(response, reach)
    means = [p.loss for p in points]
    seeds = [y for p in points for y in floats(p.losses) if math.isfinite(y)]
    noise = response.noise or 0.0
    known = [m for m in means if m is not None]
    floor, top = loss_limits([*known, *seeds] or [0.0, 1.0], 4, upwards)
    shown = [m for m in known if floor <= m <= top]
    floor = min([floor, *(m - 1.3 * noise for m in shown)])
    top = max([top, *(m + 1.3 * noise for m in shown)])
    loss_scale(axes, floor, top)
    scale.apply(axes, [p.value for p in points])
    if low is not None and high is not None:
        axes.axvspan(scale.x(low), scale.x(high), color=BAND, alpha=0.13, linewidth=0, zorder=0)
    keep = [i for i, x in enumerate(curve_x) if not scale.log or x > 0]
    axes.plot([curve_x[i] for i in keep], [curve_y[i] for i in keep], color=VAL, linewidth=1.6, alpha=0.75, zorder=3)
    for point, mean in zip(points, means, strict=True):
        x = scale.x(point.value)
        each = [y for y in floats(point.losses) if math.isfinite(y)]
        if _gone(point):
            axes.plot([x], [0.965], "x", color=BAD, markersize=7, mew=2, transform=axes.get_xaxis_transform())
        if mean is None:
            continue
        if not floor <= mean <= top:
            at, marker = (0.965, "^") if mean > top else (0.035, "v")
            up = axes.get_xaxis_transform()
            axes.plot([x], [at], marker, color=VAL, markersize=7, transform=up, clip_on=False, zorder=5)
            continue
        if noise:
            axes.plot([x, x], [mean - noise, mean + noise], color=VAL, linewidth=1.2, zorder=4)
        if len(each) > 1:
            axes.plot([x] * len(each), each, "o", color=MUTED, markersize=3.5, alpha=0.8, mew=0, zorder=4)
        axes.plot([x], [mean], "o", color=VAL, markersize=6.5, mew=0, zorder=5)
    best_mark = None if value is not None and advised is not None and _near(value, advised) else value
    lines = [(best_mark, "best here", MUTED, ":"), (advised, "advised", BAND, "-")]
    if now is not None and advised is not None and _near(now, advised):
        lines[1] = (advised, "current and advised", BAND, "-")
    else:
        lines.append((now, "current", NOW, "--"))
    marks(axes, [(scale.x(x), f"{words} {number(x)}", ink, dash) for x, words, ink, dash in lines if x is not None])
    _name(axes, scale, response, goal)


def _near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=0.02)


def _name(axes: Axes, scale: _Scale, response: Response, goal: str) -> None:
    name = one_line(knob(response.knob), 40)
    axes.set_xlabel(f"{name}, log scale" if scale.log else name)
    axes.set_ylabel(goal)


def _key(response: Response, points: tuple[Point, ...]) -> tuple[tuple[str, str], ...]:
    best = response.best
    entries = [("● mean ± noise" if response.noise else "● mean", VAL)]
    entries += [("• one seed", MUTED)] if any(len(p.losses) > 1 for p in points) else []
    entries += [("━ fit", VAL)] if response.curve else []
    entries += [("▮ interval of the best", BAND)] if best and best.low is not None else []
    entries += [("× diverged", BAD)] if any(_gone(p) for p in points) else []
    entries += [("flat: within the noise", INK)] if response.verdict == "flat" else []
    return key(*entries)


def _gone(point: Point) -> bool:
    return point.diverged or point.loss is None


def _row(point: Point) -> tuple[str, ...]:
    each = ", ".join(fixed(y) for y in point.losses[:12])
    outcome = "diverged" if point.diverged else "finished" if point.loss is not None else "–"
    return (number(point.value), fixed(point.loss), each or "–", outcome)
