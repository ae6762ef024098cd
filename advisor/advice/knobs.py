"""How sure we are of each knob, and what is at stake if it is set otherwise."""

import math
from typing import Any

from advisor.advice.choice import Choice
from advisor.config import Config
from advisor.fits import at_stake
from advisor.fits.values import FitFailed, Response
from advisor.rules.evidence import Evidence
from advisor.rules.reading import confirmed


def knobs(evidence: Evidence, choice: Choice) -> list[dict[str, Any]]:
    """One entry for each knob, in the form of report.json."""
    recipe, current = choice.recipe, evidence.current
    recommended: dict[str, Any] = {
        "lr": recipe.lr,
        "momentum": recipe.momentum,
        "weight_decay": recipe.weight_decay,
        "batch_size": recipe.batch_size,
        "epochs": choice.config.epochs,
        "schedule": (choice.config.schedule or {}).get("name", "constant"),
    }
    now = current_values(current)
    return [_knob(evidence, choice, name, value, now[name]) for name, value in recommended.items() if value is not None]


def current_values(config: Config) -> dict[str, Any]:
    """The knobs as a configuration sets them."""
    optimizer = config.optimizer
    betas = optimizer.get("betas")
    default_momentum = 0.9 if str(optimizer["name"]).startswith("Adam") else 0.0
    return {
        "lr": optimizer.get("lr"),
        "momentum": optimizer.get("momentum", betas[0] if betas else default_momentum),
        "weight_decay": optimizer.get("weight_decay", 0.01 if optimizer["name"] == "AdamW" else 0.0),
        "batch_size": config.batch_size,
        "epochs": config.epochs,
        "schedule": (config.schedule or {}).get("name", "constant"),
    }


def _knob(evidence: Evidence, choice: Choice, name: str, value: Any, current: Any) -> dict[str, Any]:
    response = evidence.response(name)
    measured = response is not None and response.verdict != "unmeasured"
    verdict = _verdict(evidence, choice, name, response)
    interval = None
    if response is not None and not isinstance(response.best, FitFailed) and name != "epochs":
        interval = [min(response.best.low, value), max(response.best.high, value)]
    return {
        "name": name,
        "recommended": value,
        "current": current,
        "interval": interval,
        "confidence": _confidence(evidence, name, response),
        "verdict": verdict,
        "at_stake": _stake_of_schedule(evidence, value, current)
        if name == "schedule"
        else _stake(response if measured else None, value, current, verdict),
    }


def _stake_of_schedule(evidence: Evidence, value: Any, current: Any) -> dict[str, Any]:
    """All settings together against the present ones, as the schedule is never changed alone."""
    nothing = {"half": None, "double": None, "current": None}
    pair = confirmed(evidence)
    if pair is None or value == current:
        return {"text": "not measured", **nothing}
    present, advised = (evidence.cost(arm) for arm in pair)
    if not math.isfinite(present):
        return {"text": "present settings diverge in the same short run", **nothing}
    text = f"all together: {present:.3g} falls to {advised:.3g} in a short run"
    return {"text": text, **nothing, "current": present - advised}


def _verdict(evidence: Evidence, choice: Choice, name: str, response: Response | None) -> str:
    changed = name in choice.decided
    if name == "schedule":
        return "recommended" if changed else "kept"
    if name == "epochs":
        if not evidence.of_round("length"):
            return "not_identifiable"
        return "recommended" if choice.config.epochs != evidence.current.epochs else "kept"
    if response is None or response.verdict == "unmeasured":
        return "recommended" if changed else "not_identifiable"
    differs = value_of(choice, name) != current_values(evidence.current)[name]
    if response.verdict == "flat" and not differs:
        return "insensitive"
    return "recommended" if changed and differs else "kept"


def value_of(choice: Choice, name: str) -> Any:
    """The knob as it is recommended."""
    return choice.config.epochs if name == "epochs" else getattr(choice.recipe, name)


def _confidence(evidence: Evidence, name: str, response: Response | None) -> str:
    if response is None or response.verdict == "unmeasured":
        return "low"
    repeats = max((len(point.losses) for point in response.points), default=0)
    if name in ("lr", "batch_size") and response.verdict == "resolved" and math.isfinite(evidence.noise):
        return "high" if evidence.of_round("length") and repeats > 1 else "medium"
    return "medium" if math.isfinite(evidence.noise) else "low"


def _stake(response: Response | None, value: Any, current: Any, verdict: str) -> dict[str, Any]:
    """Losses at half, double and the user's value, against the recommended one."""
    if response is None or not isinstance(value, (int, float)):
        return {"text": "not measured", "half": None, "double": None, "current": None}
    reference = _nearest(response, float(value))
    half, double = (_difference(response, reference * factor, reference) for factor in (0.5, 2.0))
    here = _difference(response, float(current), reference) if isinstance(current, (int, float)) else None
    if verdict == "insensitive":
        text = "no value tried is better than another beyond the noise"
    elif here is not None and here > 0:
        text = f"the present value costs about {here:.3g} more in short runs"
    elif half is not None or double is not None:
        said = [f"{word} costs {cost:.3g}" for word, cost in (("half", half), ("double", double)) if cost is not None]
        text = " and ".join(said) + " in short runs"
    else:
        text = "measured at too few values to say"
    return {"text": text, "half": half, "double": double, "current": here}


def _nearest(response: Response, value: float) -> float:
    """The value itself inside the measured range, else the nearest end of it."""
    finite = [point.value for point in response.points if math.isfinite(point.loss)]
    return min(max(value, min(finite)), max(finite)) if finite else value


def _difference(response: Response, value: float, reference: float) -> float | None:
    return at_stake(response, value, reference)
