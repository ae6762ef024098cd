"""Recognises a torch scheduler from the rates that a script trained with.

A candidate is accepted if it deviates from the rates by at most 1 % of the highest of them.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from advisor.records.spec import Keywords

_CLOSE = 0.01
_FEWEST = 3
_MOST_LEVELS = 12
Schedule = Keywords


def fit(rates: Sequence[float], total: int) -> Schedule | None:
    """The first shape that fits: constant, steps, exponential, linear, cosine, polynomial, or with a warm-up.

    Args:
        rates: One per unit (step or epoch), from the first.
        total: Units of the whole training.

    Returns:
        Keywords with the ``name`` of the class, counted in the same unit; an empty dict for a constant rate; None
        if nothing fits.
    """
    r = np.asarray(rates, dtype=float)
    if len(r) < 1 or not np.isfinite(r).all() or r.max() <= 0:
        return None
    if np.ptp(r) <= 1e-9 * r.max():
        return {}
    if len(r) < _FEWEST:
        return None
    shapes: list[Callable[[Any, int], Schedule | None]] = [_steps, _exponential, _linear, _cosine, _polynomial]
    for shape in [*shapes, _warm_up, _one_cycle]:
        found = shape(r, total)
        if found is not None:
            return found
    return None


def peak(rates: Sequence[float]) -> float:
    """The highest rate."""
    return float(max(rates))


def _close(r: Any, model: Any) -> bool:
    return bool(np.abs(r - model).max() <= _CLOSE * r.max())


def _steps(r: Any, total: int) -> Schedule | None:
    """Constant levels that fall by the same factor."""
    changes = np.flatnonzero(np.abs(np.diff(r)) > 1e-9 * r.max()) + 1
    if not len(changes) or len(changes) > min(_MOST_LEVELS, len(r) // 2):
        return None
    levels = r[[0, *changes]]
    if (levels <= 0).any():
        return None
    factors = levels[1:] / levels[:-1]
    if np.ptp(factors) > 1e-3 * abs(factors[0]):
        return None
    gamma = float(f"{factors[0]:.6g}")
    gaps = np.diff([0, *changes])
    even = bool((gaps == gaps[0]).all()) and total - changes[-1] <= gaps[0]
    if even or (len(changes) > 1 and bool((gaps == gaps[0]).all())):
        return {"name": "StepLR", "step_size": int(gaps[0]), "gamma": gamma}
    return {"name": "MultiStepLR", "milestones": [int(c) for c in changes], "gamma": gamma}


def _exponential(r: Any, total: int) -> Schedule | None:
    if (r <= 0).any():
        return None
    ratios = r[1:] / r[:-1]
    if np.ptp(ratios) > 1e-6 or abs(ratios[0] - 1) < 1e-9:
        return None
    return {"name": "ExponentialLR", "gamma": float(f"{ratios.mean():.8g}")}


def _linear(r: Any, total: int) -> Schedule | None:
    t = np.arange(len(r))
    slope = (r[-1] - r[0]) / max(1, len(r) - 1)
    if not _close(r, r[0] + slope * t):
        return None
    end = r[0] + slope * total
    if slope < 0:
        factor = max(0.0, end / r[0])
        return {"name": "LinearLR", "start_factor": 1.0, "end_factor": _tidy(factor), "total_iters": total}
    return {"name": "LinearLR", "start_factor": _tidy(max(1e-4, r[0] / end)), "end_factor": 1.0, "total_iters": total}


def _cosine(r: Any, total: int) -> Schedule | None:
    for length in (total, total - 1):
        if length < _FEWEST:
            continue
        wave = (1 + np.cos(np.pi * np.arange(len(r)) / length)) / 2
        low = _floor(r, wave)
        if low is not None and _close(r, low + (r[0] - low) * wave):
            return {"name": "CosineAnnealingLR", "T_max": length, **({"eta_min": low} if low else {})}
    return None


def _floor(r: Any, wave: Any) -> float | None:
    """The final rate of the wave, from points that determine it."""
    told = wave < 0.999
    if not told.any():
        return None
    low = float(np.median((r[told] - r[0] * wave[told]) / (1 - wave[told])))
    return 0.0 if -_CLOSE * r[0] < low < 1e-3 * r[0] else float(f"{low:.4g}") if low > 0 else None


def _polynomial(r: Any, total: int) -> Schedule | None:
    left = 1 - np.arange(len(r)) / total
    told = (left < 0.9) & (left > 0.05) & (r > 0)
    if told.sum() < _FEWEST:
        return None
    power = float(np.median(np.log(r[told] / r[0]) / np.log(left[told])))
    if not 0.2 <= power <= 5 or not _close(r, r[0] * left**power):
        return None
    return {"name": "PolynomialLR", "total_iters": total, "power": float(f"{power:.3g}")}


def _warm_up(r: Any, total: int) -> Schedule | None:
    """A linear rise, then a constant rate."""
    top = int(r.argmax())
    if top < 1 or len(r) - top < _FEWEST or np.ptp(r[top:]) > 1e-6 * r.max():
        return None
    if not _close(r[: top + 1], np.linspace(r[0], r[top], top + 1)):
        return None
    return {"name": "LinearLR", "start_factor": _tidy(max(1e-4, r[0] / r[top])), "end_factor": 1.0, "total_iters": top}


def _one_cycle(r: Any, total: int) -> Schedule | None:
    """A warm-up and a linear or cosine fall, as in ``OneCycleLR``."""
    top = int(r.argmax())
    if top < 1 or len(r) - top < _FEWEST:
        return None
    fall, rest = r[top:], total - 1 - top
    if rest < _FEWEST:
        return None
    t = np.arange(len(fall))
    share = np.minimum(1.0, t / rest)
    linear, cosine = 1 - share, (1 + np.cos(math.pi * share)) / 2
    tried = [
        (name, wave, low) for name, wave in (("linear", linear), ("cos", cosine)) for low in (_floor(fall, wave), 0)
    ]
    for strategy, shape, low in tried:
        if low is None or not np.abs(fall - (low + (fall[0] - low) * shape)).max() <= 3 * _CLOSE * fall[0]:
            continue
        start = float(r[0])
        divisor = min(1e4, r[top] / start) if start > 0 else 1e4
        start = r[top] / divisor
        return {
            "name": "OneCycleLR", "max_lr": float(f"{r[top]:.6g}"), "total_steps": total,
            "pct_start": float(f"{min(0.99, (top + 1) / total):.4g}"), "div_factor": float(f"{divisor:.4g}"),
            "final_div_factor": float(f"{min(1e4, start / low) if low else 1e4:.4g}"),
            "anneal_strategy": strategy, "cycle_momentum": False,
        }  # fmt: skip
    return None


def _tidy(value: float) -> float:
    rounded = round(value, 6)
    return 0.0 if rounded < 1e-6 else rounded
