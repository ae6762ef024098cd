"""The measured curves of a run as report.json holds them: what the figures draw."""

import math
from typing import Any

from advisor.fits import RangeFit
from advisor.fits.values import FitFailed, Response
from advisor.rules.evidence import Arm, Evidence

_MOST_POINTS = 300
_CURVES = 3


def series(evidence: Evidence) -> dict[str, Any]:
    """Everything that figures draw, in the form of report.json."""
    sweeps = [arm for arm in evidence.arms if arm.spec.kind == "range"]
    longest = sorted(
        (arm for arm in evidence.cycles if arm.trace.train_loss), key=lambda a: (-a.length, evidence.cost(a))
    )
    return {
        "range_tests": [_sweep(evidence, arm) for arm in sweeps],
        "responses": [_response(_response_id(evidence, i), r) for i, r in enumerate(evidence.responses)],
        "curves": [_curve(arm) for arm in longest[:_CURVES]],
        "forecast": _forecast(evidence),
    }


def _sweep(evidence: Evidence, arm: Arm) -> dict[str, Any]:
    trace, fit = arm.trace, evidence.ranges.get(arm.spec.key)
    rate_at = dict(zip(trace.step, trace.lr, strict=True))
    read = fit if isinstance(fit, RangeFit) else None
    smoothed = list(read.smoothed) if read is not None else []
    return {
        "id": arm.spec.key,
        "seed": arm.spec.seed,
        "lr": list(trace.lr),
        "train_loss": list(trace.train_loss),
        "smoothed": smoothed + [None] * (len(trace.lr) - len(smoothed)),
        "val_lr": [rate_at[step] for step in trace.eval_step if step in rate_at],
        "val_loss": list(trace.val_loss),
        "ceiling": read.ceiling_lr if read is not None else None,
        "best_lr": read.best_lr if read is not None else None,
        "diverged": trace.diverged,
    }


def _response_id(evidence: Evidence, index: int) -> str:
    """The knob's name for its longest response, which findings point at; numbered for the others."""
    response = evidence.responses[index]
    return response.knob if response is evidence.response(response.knob) else f"{response.knob}-{index}"


def _response(id_: str, response: Response) -> dict[str, Any]:
    best = None if isinstance(response.best, FitFailed) else response.best
    return {
        "id": id_,
        "knob": response.knob,
        "scale": response.scale,
        "length": response.length,
        "context": response.context,
        "points": [
            {
                "value": point.value,
                "loss": point.loss,
                "losses": list(point.losses),
                "diverged": not math.isfinite(point.loss),
            }
            for point in response.points
        ],
        "curve": {"x": list(response.curve_x), "y": list(response.curve_y)} if response.curve_x else None,
        "best": None if best is None else {"value": best.value, "low": best.low, "high": best.high},
        "noise": response.noise,
        "verdict": response.verdict,
        "reason": response.reason,
    }


def _curve(arm: Arm) -> dict[str, Any]:
    trace = arm.trace
    keep = range(0, len(trace.step), max(1, math.ceil(len(trace.step) / _MOST_POINTS)))
    return {
        "id": arm.spec.key,
        "label": f"{arm.round}: {arm.spec.label}",
        "length": arm.length,
        "step": [trace.step[i] for i in keep],
        "train_loss": [trace.train_loss[i] for i in keep],
        "lr": [trace.lr[i] for i in keep],
        "momentum": [trace.momentum[i] for i in keep],
        "eval_step": list(trace.eval_step),
        "val_loss": list(trace.val_loss),
    }


def _forecast(evidence: Evidence) -> dict[str, Any] | None:
    response = evidence.response("epochs")
    if evidence.forecast is None or response is None:
        return None
    value, low, high = evidence.forecast
    epochs = evidence.current.epochs
    return {
        "length": [point.value / epochs for point in response.points],
        "loss": [point.loss for point in response.points],
        "predicted": value,
        "low": low,
        "high": high,
    }
