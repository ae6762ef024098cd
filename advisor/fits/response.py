"""The response of the objective to one knob: best value, its interval, and whether there is an optimum at all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.fits.scale import Axis
from advisor.fits.smoothing import Floats
from advisor.fits.types import Estimate, FitFailed, Point, Response, ResponseVerdict, Scale

NEIGHBOURS = 2  # measured values on either side of the best one that enter the parabola
CAP = 2.0  # rises above the best loss are capped at this multiple of the typical one around it
RESOLUTION = 0.4  # the optimum's interval is at least this part of the grid's spacing
_GRID = 41


def fit_response(
    knob: str, scale: Scale, length: float, context: str, points: Sequence[Point], noise: float
) -> Response:
    """Fits a parabola around the best measured value.

    The rise above an optimum is often an explosion, so losses are capped, and weighted by closeness to the
    best (``1 / (1 + (rise / typical rise) ** 2)``); a diverged neighbour enters at the cap. The vertex stays
    between the best value's measured neighbours. At an open border the measured best is kept. Zero
    on a log scale (no weight decay) is the natural end of its range, not an open border.

    Args:
        knob: Name of the knob.
        scale: ``log`` if its values are compared by ratio.
        length: Length of the probes, as a fraction of the full run.
        context: What was held fixed.
        points: Any order; repeats of one value are merged. Any non-finite loss counts as diverged.
        noise: Standard deviation of the objective between repeats; NaN if never measured; the verdict is then
            never ``flat``.

    Returns:
        The response; its ``best`` is a ``FitFailed`` if the verdict is ``flat`` or ``unmeasured``.
    """
    merged = _merge(points)

    def answer(
        best: Estimate | FitFailed, verdict: ResponseVerdict, curve: tuple[Floats, Floats] | None = None
    ) -> Response:
        grid, fitted = ((), ()) if curve is None else (tuple(curve[0].tolist()), tuple(curve[1].tolist()))
        return Response(knob, scale, length, context, merged, noise, best, verdict, grid, fitted)

    legal = [point for point in merged if math.isfinite(point.value) and (scale == "linear" or point.value >= 0)]
    finite = [point for point in legal if math.isfinite(point.loss)]
    if len(finite) < 2:
        lost = len(legal) - len(finite)
        return answer(FitFailed(f"{len(finite)} finite value(s) of {len(merged)}, {lost} diverged"), "unmeasured")
    losses = np.array([point.loss for point in finite])
    sigma = noise if math.isfinite(noise) and noise > 0 else 0.0
    reach = float(losses.max() - losses.min())
    if math.isfinite(noise) and reach <= 2.0 * sigma:
        return answer(FitFailed(f"losses differ by {reach:.3g}, within twice the noise {noise:.3g}"), "flat")

    axis = Axis.of([point.value for point in legal], scale)
    around = _around(legal, axis, sigma)
    vertex, curve = _fit(around)
    verdict = _verdict(legal, finite, int(np.argmin(losses)), axis)
    if verdict != "resolved":
        vertex = around.best
    low, high = _interval(finite, axis, around, vertex, sigma, curve)
    grid = np.linspace(around.low, around.high, _GRID)
    drawn = (
        None if curve is None else (axis.values(grid), np.asarray(np.polyval(curve, grid - around.best), np.float64))
    )
    best = Estimate(axis.value(vertex), axis.value(low), axis.value(high))
    return answer(_exact(best, finite), verdict, drawn)


@dataclass(frozen=True, slots=True)
class _Around:
    """Coordinates and capped rises above the best loss of the points that shape the fit."""

    z: Floats
    rise: Floats
    typical: float
    floor_loss: float
    best: float
    low: float
    high: float


def _merge(points: Sequence[Point]) -> tuple[Point, ...]:
    """Sorts by value and merges the repeats of equal values."""
    joined: dict[float, Point] = {}
    for point in points:
        if not point.losses:
            continue
        known = joined.get(point.value)
        losses, keys = (known.losses, known.keys) if known else ((), ())
        joined[point.value] = Point(point.value, losses + point.losses, keys + point.keys)
    return tuple(sorted(joined.values(), key=lambda point: point.value))


def _around(legal: Sequence[Point], axis: Axis, sigma: float) -> _Around:
    """The best value with up to two finite ones on either side; a diverged neighbour only bounds the interval."""
    loss = np.array([point.loss for point in legal if math.isfinite(point.loss)])
    z = axis.coordinates([point.value for point in legal if math.isfinite(point.loss)])
    best = int(np.argmin(loss))
    near = slice(max(0, best - NEIGHBOURS), best + NEIGHBOURS + 1)
    rise = loss[near] - loss[best]
    others = np.sort(np.delete(rise, best - near.start))
    typical = float(others[(others.size - 1) // 2])
    typical = max(typical, sigma, 1e-12 * abs(float(loss[best])), 1e-300)
    beside = [i for i in (best - 1, best + 1) if 0 <= i < z.size]
    hull = [float(z[i]) for i in (*beside, best)]
    return _Around(
        z[near],
        np.minimum(rise, CAP * typical),
        typical,
        float(loss[best]),
        float(z[best]),
        min(hull),
        max(hull),
    )


def _fit(around: _Around) -> tuple[float, Floats | None]:
    """Weighted parabola; its vertex within the hull, or the best point itself if it does not open upwards."""
    if around.z.size < 3:
        return around.best, None
    weight = 1.0 / (1.0 + (around.rise / around.typical) ** 2)
    shifted = around.z - around.best
    design = np.vander(shifted, 3) * np.sqrt(weight)[:, None]
    curve: Floats = np.asarray(np.linalg.lstsq(design, around.rise * np.sqrt(weight), rcond=None)[0], np.float64)
    if not np.all(np.isfinite(curve)) or curve[0] <= 0:
        return around.best, None
    vertex = around.best - float(curve[1]) / (2.0 * float(curve[0]))
    curve[2] += around.floor_loss
    return float(np.clip(vertex, around.low, around.high)), curve


def _interval(
    finite: Sequence[Point],
    axis: Axis,
    around: _Around,
    vertex: float,
    sigma: float,
    curve: Floats | None,
) -> tuple[float, float]:
    """Coordinates within one noise sd of the minimum, at least the grid's resolution, within the measured range."""
    z = axis.coordinates([point.value for point in finite])
    rise = np.array([point.loss for point in finite]) - around.floor_loss
    half = math.sqrt(sigma / float(curve[0])) if curve is not None else 0.0
    below, above = max(vertex - half, around.low), min(vertex + half, around.high)
    at = int(np.argmin(rise))
    for side, step in ((-1, -1), (1, 1)):
        i = at
        while 0 <= i + step < z.size and rise[i + step] <= sigma:
            i += step
        edge = float(z[i])
        if 0 <= i + step < z.size and rise[i + step] > rise[i]:
            share = (sigma - float(rise[i])) / float(rise[i + step] - rise[i])
            edge += float(np.clip(share, RESOLUTION if i == at else 0.0, 1.0)) * float(z[i + step] - z[i])
        below, above = (min(below, edge), above) if side < 0 else (below, max(above, edge))
    return max(min(below, vertex), float(z[0])), min(max(above, vertex), float(z[-1]))


def _verdict(legal: Sequence[Point], finite: Sequence[Point], best: int, axis: Axis) -> ResponseVerdict:
    """Whether the best value is bounded on both sides, by a worse or by a diverged neighbour."""
    value = finite[best].value
    if best == 0 and legal[0].value == value and not (axis.scale == "log" and value == 0.0):
        return "edge_low"
    if best == len(finite) - 1 and legal[-1].value == value:
        return "edge_high"
    return "resolved"


def _exact(best: Estimate, finite: Sequence[Point]) -> Estimate:
    """Replaces values that went through coordinates by the measured values they came from."""

    def snap(value: float) -> float:
        near = min((point.value for point in finite), key=lambda known: abs(known - value))
        return near if math.isclose(near, value, rel_tol=1e-9, abs_tol=1e-15) else value

    return Estimate(snap(best.value), snap(best.low), snap(best.high))


def at_stake(response: Response, value: float, reference: float) -> float | None:
    """Loss at ``value`` minus loss at ``reference``, from the measured points only.

    Args:
        response: Measured points, fitted or not.
        value: A value of the knob.
        reference: The value to compare with; a positive result means that ``reference`` is better.

    Returns:
        Difference in the objective's unit, linear between measured neighbours in the knob's scale; None
        outside the measured values, or next to a diverged one.
    """
    legal = [point for point in response.points if response.scale == "linear" or point.value >= 0]
    if not legal:
        return None
    axis = Axis.of([point.value for point in legal], response.scale)
    z = axis.coordinates([point.value for point in legal])
    losses: list[float] = []
    for wanted in (value, reference):
        if not math.isfinite(wanted) or not legal[0].value <= wanted <= legal[-1].value:
            return None
        known = [p.loss for p in legal if math.isclose(p.value, wanted, rel_tol=1e-9)]
        if known:
            losses.append(known[0])
            continue
        x = axis.coordinate(wanted)
        i = int(np.searchsorted(z, x))
        share = (x - float(z[i - 1])) / float(z[i] - z[i - 1])
        losses.append((1.0 - share) * legal[i - 1].loss + share * legal[i].loss)
    difference = losses[0] - losses[1]
    return difference if math.isfinite(difference) else None
