"""Validation loss and metric side by side: the best learning rate under each, and its cost under the other."""

import math
from collections.abc import Sequence
from statistics import mean

import numpy as np

from advisor.evidence.evidence import Arm, Evidence, Objective
from advisor.evidence.queries import arms_of, ladder
from advisor.fits import at_stake, fit_response
from advisor.fits.types import FitFailed, Point, Response
from advisor.schema.objectives import BothPoint, BothWays, ByObjective, CostOfOther, RateChoice
from advisor.schema.responses import Line


def both_ways(evidence: Evidence) -> BothWays | None:
    """The ladder evaluated by both; None if no metric was recorded or no rates were compared."""
    metric, response = evidence.facts.metric, ladder(evidence)
    if metric is None or response is None:
        return None
    arms = [arm for arm in arms_of(evidence, response) if arm.trace.status != "failed"]
    kinds = {"loss": Objective(), "metric": Objective(metric.name, metric.higher_is_better, False)}
    read = {kind: _read(evidence, arms, objective) for kind, objective in kinds.items()}
    if any(len(found.finite) < 2 for found in read.values()):
        return None
    chosen = {kind: _chosen(found) for kind, found in read.items()}
    signs = {"loss": 1.0, "metric": -1.0 if metric.higher_is_better else 1.0}
    by = {kind: _choice(read[kind], chosen[kind], signs[kind]) for kind in kinds}
    return BothWays(
        length=response.length,
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        points=tuple(
            BothPoint(
                value=point.value,
                loss=point.loss,
                metric=signs["metric"] * other.loss,
                diverged=not math.isfinite(point.loss),
            )
            for point, other in zip(read["loss"].points, read["metric"].points, strict=True)
        ),
        by=ByObjective(loss=by["loss"], metric=by["metric"]),
        factor=math.exp(abs(math.log(chosen["metric"] / chosen["loss"]))),
        cost=CostOfOther(
            loss=_cost(read["loss"], chosen["metric"], chosen["loss"]),
            metric=_cost(read["metric"], chosen["loss"], chosen["metric"]),
        ),
    )


def _read(evidence: Evidence, arms: Sequence[Arm], objective: Objective) -> Response:
    points = [Point(arm.spec.lr, (_number(objective, arm),), (arm.spec.key,)) for arm in arms]
    noise = evidence.noise if objective.is_loss == evidence.objective.is_loss else _noise(evidence, objective)
    length = mean(arm.length for arm in arms) if arms else math.nan
    return fit_response("lr", "log", length, "", points, noise)


def _number(objective: Objective, arm: Arm) -> float:
    return math.inf if arm.trace.diverged else objective.cost(arm.trace)


def _noise(evidence: Evidence, objective: Objective) -> float:
    """Standard deviation between probes that differ only in the seed; NaN if there are none."""
    groups: dict[str, list[float]] = {}
    for arm in evidence.cycles:
        value = objective.cost(arm.trace)
        if math.isfinite(value):
            groups.setdefault(arm.spec.with_seed(0).key, []).append(value)
    repeated = [values for values in groups.values() if len(values) > 1]
    freedom = sum(len(values) - 1 for values in repeated)
    return math.sqrt(sum((v - mean(g)) ** 2 for g in repeated for v in g) / freedom) if freedom else math.nan


def _chosen(response: Response) -> float:
    """The fitted best rate, else the best measured one."""
    if not isinstance(response.best, FitFailed):
        return response.best.value
    return min(response.finite, key=lambda point: point.loss).value


def _choice(response: Response, chosen: float, sign: float) -> RateChoice:
    best = None if isinstance(response.best, FitFailed) else response.best
    return RateChoice(
        value=chosen,
        low=best.low if best else None,
        high=best.high if best else None,
        verdict=response.verdict,
        noise=response.noise,
        curve=Line(x=tuple(response.curve_x), y=tuple(sign * y for y in response.curve_y)),
    )


def _cost(response: Response, there: float, here: float) -> float | None:
    """Cost of the other's best rate under this measure: on the fitted curve if it covers both, else between points."""
    x = response.curve_x
    if x and all(x[0] <= rate <= x[-1] for rate in (there, here)):
        at = np.interp(np.log([there, here]), np.log(x), response.curve_y)
        return max(float(at[0] - at[1]), 0.0)
    apart = at_stake(response, there, here)
    return None if apart is None else max(apart, 0.0)
