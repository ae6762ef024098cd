"""The measured curves of a run: the data of the figures."""

import math

import msgspec

from advisor.advice.loss_vs_metric import both_ways
from advisor.advice.rates import estimate, line, rates
from advisor.evidence.comparison import confirmed
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import best_by_length, shown
from advisor.fits import RangeFit
from advisor.fits.types import FitFailed
from advisor.rules.finding import Finding
from advisor.schema.ranges import Bracket, RangeTest
from advisor.schema.responses import Point, Response
from advisor.schema.series import ComparedRun, Curve, Forecast, Series, SideBySide

_MOST_POINTS = 300
_CURVES = 3
_SHOWN_BY = {
    "LR005": ("curves",),
    "LR009": ("comparison", "curves"),
    "EX001": ("lr", "batch_size", "weight_decay", "momentum"),
    "BS006": ("weight_decay", "batch_size"),
    "FT004": ("curves",),
    "EX006": ("comparison",),
    "BS001": ("batch",),
    "BS002": ("batch",),
    "BS003": ("batch",),
    "BS004": ("batch_size",),
    "BS005": ("batch",),
    "FT005": ("curves",),
    "EP005": ("curves",),
}
"""Default figures of findings that name none: an id, or a knob for its longest response."""


def series(evidence: Evidence) -> Series:
    """Collects the data of all figures."""
    sweeps = [arm for arm in evidence.arms if arm.spec.kind == "range"]
    tried = sorted((arm for arm in evidence.cycles if arm.trace.train_loss), key=lambda arm: -arm.length)
    longest = [arm for _, arm in reversed(best_by_length(evidence))] or tried
    return Series(
        range_tests=tuple(_sweep(evidence, arm) for arm in sweeps),
        bracket=_bracket(evidence),
        responses=tuple(_response(evidence, i) for i in range(len(evidence.responses))),
        rates=rates(evidence, [response_id(evidence, i) for i in range(len(evidence.responses))]),
        both=both_ways(evidence),
        curves=tuple(_curve(arm) for arm in longest[:_CURVES]),
        comparison=_comparison(evidence),
        forecast=_forecast(evidence),
    )


def figure_ids(evidence: Evidence, finding: Finding) -> list[str]:
    """Ids in report.json of the figures that show a finding."""
    ids = {f"response-{r.knob}-{i}": f"response-{response_id(evidence, i)}" for i, r in enumerate(evidence.responses)}
    named = [ids.get(name, name) for name in finding.judgement.figures]
    if named or finding.judgement.verdict not in ("detected", "not_detected"):
        return named
    known = {r.knob for r in evidence.responses}
    drawn = {
        "range": any(arm.spec.kind == "range" for arm in evidence.arms),
        "curves": bool(evidence.cycles),
        "comparison": confirmed(evidence) is not None,
        "batch": evidence.profile.batch is not None,
    }
    wanted = _SHOWN_BY.get(finding.code, ())
    return [f"response-{name}" if name in known else name for name in wanted if name in known or drawn.get(name)]


def _bracket(evidence: Evidence) -> Bracket | None:
    found = evidence.bracket
    if isinstance(found, FitFailed):
        return None
    ceiling = found.ceiling
    ends = (ceiling.low, ceiling.high) if ceiling is not None else None
    return Bracket(low=found.low, high=found.high, ceiling=ends)


def _comparison(evidence: Evidence) -> SideBySide | None:
    """The current settings against the best comparable run."""
    pair = confirmed(evidence)
    if pair is None:
        return None
    present, advised = pair
    return SideBySide(
        length=present.length,
        noise=evidence.noise,
        present=_compared(evidence, present),
        advised=_compared(evidence, advised),
    )


def _compared(evidence: Evidence, arm: Arm) -> ComparedRun:
    trace = arm.trace
    return ComparedRun(
        **msgspec.structs.asdict(_curve(arm)),
        value=shown(evidence, evidence.cost(arm)),
        val_loss_end=trace.final_val_loss,
        metric_end=trace.final_metric,
    )


def _sweep(evidence: Evidence, arm: Arm) -> RangeTest:
    trace, fit = arm.trace, evidence.ranges.get(arm.spec.key)
    rate_at = dict(zip(trace.step, trace.lr, strict=True))
    looks = [(rate_at[s], loss) for s, loss in zip(trace.eval_step, trace.val_loss, strict=True) if s in rate_at]
    read = fit if isinstance(fit, RangeFit) else None
    smoothed = tuple(read.smoothed)[: len(trace.lr)] if read is not None else ()
    return RangeTest(
        id=arm.spec.key,
        seed=arm.spec.seed,
        lr=trace.lr,
        train_loss=trace.train_loss,
        smoothed=smoothed + (None,) * (len(trace.lr) - len(smoothed)),
        val_lr=tuple(rate for rate, _ in looks),
        val_loss=tuple(loss for _, loss in looks),
        ceiling=read.ceiling_lr if read is not None else None,
        best_lr=read.best_lr if read is not None else None,
        diverged=trace.diverged,
    )


def response_id(evidence: Evidence, index: int) -> str:
    """The knob's name for its longest response; with a number for the others."""
    response = evidence.responses[index]
    return response.knob if response is evidence.response(response.knob) else f"{response.knob}-{index}"


def _response(evidence: Evidence, index: int) -> Response:
    response = evidence.responses[index]
    return Response(
        id=response_id(evidence, index),
        knob=response.knob,
        scale=response.scale,
        length=response.length,
        context=response.context,
        points=tuple(
            Point(
                value=point.value,
                loss=shown(evidence, point.loss),
                losses=tuple(shown(evidence, loss) for loss in point.losses),
                diverged=not math.isfinite(point.loss),
            )
            for point in response.points
        ),
        curve=line(evidence, response.curve_x, response.curve_y),
        best=estimate(response.best),
        noise=response.noise,
        verdict=response.verdict,
        reason=response.reason,
    )


def _curve(arm: Arm) -> Curve:
    trace = arm.trace
    every = max(1, math.ceil(len(trace.step) / _MOST_POINTS))
    keep = range((len(trace.step) - 1) % every, len(trace.step), every)
    return Curve(
        id=arm.spec.key,
        label=f"{arm.round}: {arm.spec.label}",
        length=arm.length,
        step=tuple(trace.step[i] for i in keep),
        train_loss=tuple(trace.train_loss[i] for i in keep),
        lr=tuple(trace.lr[i] for i in keep),
        momentum=tuple(trace.momentum[i] for i in keep),
        eval_step=trace.eval_step,
        val_loss=trace.val_loss,
    )


def _forecast(evidence: Evidence) -> Forecast | None:
    response = evidence.response("epochs")
    if evidence.forecast is None or response is None:
        return None
    value, low, high = evidence.forecast
    epochs = evidence.current.epochs
    return Forecast(
        length=tuple(point.value / epochs for point in response.points),
        loss=tuple(point.loss for point in response.points),
        predicted=value,
        low=low,
        high=high,
    )
