"""Every length at which learning rates were measured, and the line that carries the best one to the full run."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import arms_of, shown
from advisor.fits import fit_drift
from advisor.fits.types import Estimate, FitFailed, Response
from advisor.search.rounds.length import GROWTH, LengthRound
from advisor.search.rounds.lr_zoom import ZoomRound, parabola

_GRID = 17


def rates(evidence: Evidence, ids: list[str]) -> dict[str, Any] | None:
    """What the figure of all lengths draws; None if no two rates were compared.

    Args:
        evidence: Everything measured.
        ids: The id in report.json of each response, in their order.
    """
    found = [(id_, r) for id_, r in zip(ids, evidence.responses, strict=True) if r.knob == "lr" and r.points]
    if not found:
        return None
    lengths = [_measured(evidence, id_, response) for id_, response in found]
    singles = [arm for arm in evidence.of_round(LengthRound.name) if arm.spec.kind == "cycle"]
    lengths += [_single(evidence, [a for a in singles if a.length == share]) for share in {a.length for a in singles}]
    lengths.sort(key=lambda item: (item["length"], item["response"] is None))
    return {"lengths": lengths, **_drift(evidence, [response for _, response in found])}


def _measured(evidence: Evidence, id_: str, response: Response) -> dict[str, Any]:
    best = None if isinstance(response.best, FitFailed) else response.best
    arms = arms_of(evidence, response)
    zoomed = any(arm.round == ZoomRound.name for arm in arms) and not response.curve_x
    x, y = parabola(evidence, response) if zoomed else (list(response.curve_x), list(response.curve_y))
    return {
        "length": response.length,
        "batch_size": _batch_size(arms),
        "response": id_,
        "points": [
            {"value": point.value, "loss": shown(evidence, point.loss), "diverged": not math.isfinite(point.loss)}
            for point in response.points
        ],
        "curve": {"x": x, "y": [shown(evidence, value) for value in y]} if x else None,
        "best": None if best is None else {"value": best.value, "low": best.low, "high": best.high},
        "verdict": response.verdict,
        "noise": response.noise,
    }


def _single(evidence: Evidence, arms: list[Arm]) -> dict[str, Any]:
    """Runs at a length at which no two rates were compared."""
    return {
        "length": arms[0].length,
        "batch_size": _batch_size(arms),
        "response": None,
        "points": [
            {
                "value": arm.spec.lr,
                "loss": shown(evidence, evidence.cost(arm)),
                "diverged": not math.isfinite(evidence.cost(arm)),
            }
            for arm in sorted(arms, key=lambda arm: arm.spec.lr)
        ],
        "curve": None,
        "best": None,
        "verdict": "single",
        "noise": None,
    }


def _batch_size(arms: Sequence[Arm]) -> int | None:
    sizes = {arm.spec.batch_size for arm in arms}
    return sizes.pop() if len(sizes) == 1 else None


def _drift(evidence: Evidence, responses: list[Response]) -> dict[str, Any]:
    """The best rate at every length up to the full run; only optima that were closed in from both sides count."""
    if evidence.overfits:
        return _no_drift(
            "The full run would overfit, so no rate is carried to it: the advised one is of a shorter run."
        )
    optima: list[tuple[float, Estimate]] = [
        (response.length, response.best)
        for response in responses
        if response.verdict == "resolved" and not isinstance(response.best, FitFailed)
    ]
    line = fit_drift(optima, prior_mean=GROWTH)
    if isinstance(line, FitFailed):
        return _no_drift("No best rate was closed in from both sides, so none is carried to the full run.")
    start = min(length for length, _ in optima)
    at = [float(value) for value in np.geomspace(start, 1.0, _GRID)] if start < 1.0 else [1.0]
    best = [line.at(length) for length in at]
    drift = {
        "length": at,
        "value": [estimate.value for estimate in best],
        "low": [estimate.low for estimate in best],
        "high": [estimate.high for estimate in best],
        "exponent": {"value": line.slope.value, "low": line.slope.low, "high": line.slope.high},
        "optima": line.optima,
        "level": 0.8,
    }
    return {"drift": drift, "reason": ""}


def _no_drift(reason: str) -> dict[str, Any]:
    return {"drift": None, "reason": reason}
