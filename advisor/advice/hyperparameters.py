"""Confidence of each knob's recommendation, and the cost of other values."""

import math

from advisor.advice.recommend import Recommendation
from advisor.evidence.comparison import confirmed
from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import noise_of, objective_text, shown
from advisor.evidence.round_name import RoundName
from advisor.fits import at_stake
from advisor.fits.types import FitFailed, Response
from advisor.schema.base import Facts, Setting
from advisor.schema.finding import Confidence
from advisor.schema.settings import AtStake, Knob, KnobVerdict
from advisor.utils.numbers import number, rate, share


def knobs(evidence: Evidence, choice: Recommendation) -> list[Knob]:
    """One entry per knob."""
    hparams = choice.hparams
    recommended: Facts = {
        "lr": hparams.lr,
        "batch_size": hparams.batch_size,
        "schedule": (choice.config.schedule or {}).get("name", "constant"),
        "momentum": hparams.momentum,
        "weight_decay": hparams.weight_decay,
        "epochs": choice.config.epochs,
    }
    now = evidence.current_settings
    return [
        _knob(evidence, choice, name, value, now.value(name))
        for name, value in recommended.items()
        if value is not None
    ]


def _knob(evidence: Evidence, choice: Recommendation, name: str, value: Setting, current: Setting) -> Knob:
    response = evidence.response(name)
    measured = response is not None and response.verdict != "unmeasured"
    verdict = _verdict(evidence, choice, name, response)
    interval = None
    if response is not None and not isinstance(response.best, FitFailed) and isinstance(value, (int, float)):
        best = response.best
        interval = (min(best.low, value), max(best.high, value)) if name != "epochs" else None
    if name == "schedule":
        stake = _stake_of_schedule(evidence, value, current)
    elif name == "epochs":
        stake = _stake_of_epochs(evidence, response)
    else:
        stake = _stake(evidence, _telling(evidence, name, value) if measured else None, value, current, verdict)
    return Knob(
        name=name,
        recommended=value,
        current=current,
        interval=interval,
        confidence=_confidence(evidence, name, response),
        verdict=verdict,
        at_stake=stake,
    )


_NOT_MEASURED = AtStake(text="not measured")


def _stake_of_schedule(evidence: Evidence, value: Setting, current: Setting) -> AtStake:
    """All settings together against the current ones, as the schedule is never changed alone."""
    pair = confirmed(evidence)
    if pair is None or value == current:
        return _NOT_MEASURED
    present, advised = (evidence.cost(arm) for arm in pair)
    if not math.isfinite(present):
        return AtStake(text=f"the current settings diverge in the same run, {share(pair[0].length)}")
    before, after = shown(evidence, present), shown(evidence, advised)
    what = "" if evidence.objective.is_loss else f"{objective_text(evidence)} "
    moved = "falls" if after < before else "rises"
    text = f"all together: {what}{number(before)} {moved} to {number(after)}, after {share(pair[0].length)}"
    return AtStake(text=text, current=present - advised)


def _stake_of_epochs(evidence: Evidence, response: Response | None) -> AtStake:
    """Results at the tried lengths."""
    points = response.finite if response is not None else ()
    if len(points) < 2:
        return _NOT_MEASURED
    said = [f"{number(shown(evidence, point.loss))} after {rate(point.value)} epochs" for point in points[-3:]]
    return AtStake(text=f"{objective_text(evidence)} {', '.join(said)}")


def _verdict(evidence: Evidence, choice: Recommendation, name: str, response: Response | None) -> KnobVerdict:
    changed = name in choice.decided
    if name == "schedule":
        return "recommended" if changed else "kept"
    if name == "epochs":
        if not evidence.of_round(RoundName.LENGTH):
            return "not_identifiable"
        return "recommended" if choice.config.epochs != evidence.current.epochs else "kept"
    if response is None or response.verdict == "unmeasured":
        return "recommended" if changed else "not_identifiable"
    differs = value_of(choice, name) != evidence.current_settings.value(name)
    if response.verdict == "flat" and not differs:
        return "insensitive"
    return "recommended" if changed and differs else "kept"


def value_of(choice: Recommendation, name: str) -> Setting:
    """The recommended value of a knob."""
    value: Setting = choice.config.epochs if name == "epochs" else getattr(choice.hparams, name)
    return value


def _confidence(evidence: Evidence, name: str, response: Response | None) -> Confidence:
    if response is None or response.verdict == "unmeasured":
        return "low"
    repeats = max((len(point.losses) for point in response.points), default=0)
    if name in ("lr", "batch_size") and response.verdict == "resolved" and math.isfinite(evidence.noise):
        return "high" if evidence.of_round(RoundName.LENGTH) and repeats > 1 else "medium"
    return "medium" if math.isfinite(evidence.noise) else "low"


def _stake(evidence: Evidence, response: Response | None, value: Setting, current: Setting, verdict: str) -> AtStake:
    """Losses at half, double and the current value, relative to the recommended one."""
    if response is None or not isinstance(value, (int, float)):
        return _NOT_MEASURED
    reference = _nearest(response, float(value))
    half, double = (_difference(response, reference * f, reference) if reference else None for f in (0.5, 2.0))
    here = _difference(response, float(current), reference) if isinstance(current, (int, float)) else None
    sides = [("half", half), ("double", double)]
    if verdict == "insensitive":
        text = "no value tried is better than another beyond the noise"
    elif here is not None and here > 0:
        text = f"the current value costs about {number(here)} more in short runs"
    elif said := [_side(word, cost, noise_of(evidence)) for word, cost in sides if cost is not None]:
        text = " and ".join(said) + " in short runs"
        gains = any(cost is not None and cost < -noise_of(evidence) for _, cost in sides)
        text += "; extrapolated to the full run" if gains and response.knob == "lr" else ""
    elif value == current:
        text = "no other value tried does better beyond the noise"
    else:
        text = "measured at too few values to say"
    return AtStake(text=text, half=half, double=double, current=here)


def _telling(evidence: Evidence, name: str, value: Setting) -> Response | None:
    """The longest response that reaches half or twice the value; else the longest."""
    longest_first = sorted((r for r in evidence.responses if r.knob == name), key=lambda r: -r.length)
    for response in longest_first:
        reference = _nearest(response, float(value)) if isinstance(value, (int, float)) else 0.0
        if any(_difference(response, reference * f, reference) is not None for f in (0.5, 2.0)):
            return response
    return evidence.response(name)


def _side(word: str, cost: float, noise: float) -> str:
    if abs(cost) <= noise:
        return f"{word} is as good"
    return f"{word} costs {number(cost)}" if cost > 0 else f"{word} gains {number(-cost)}"


def _nearest(response: Response, value: float) -> float:
    """The value itself if it is inside the measured range, else the nearest end of the range."""
    finite = [point.value for point in response.finite]
    return min(max(value, min(finite)), max(finite)) if finite else value


def _difference(response: Response, value: float, reference: float) -> float | None:
    return at_stake(response, value, reference)
