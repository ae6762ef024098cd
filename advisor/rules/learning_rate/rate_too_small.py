"""LR002."""

import math

import numpy as np

from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import baseline
from advisor.evidence.queries import (
    arms_of,
    figures_of,
    ladder,
    noise_of,
    objective_text,
    present_rate,
    present_rate_text,
)
from advisor.evidence.round_name import RoundName
from advisor.fits import at_stake
from advisor.fits.trend import trend
from advisor.fits.types import FitFailed, Response
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import place
from advisor.records.vitals import Vitals
from advisor.rules.base import LiveRule, LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number, rate, share, times

_DRIFT = 1 / 3
"""Upper bound of the exponent with which the best rate falls with the length (ADR 0005, method.md)."""
_SHORT, _THERE = 1.1, 1.03
"""Multiples of the loss of the best constant prediction: a whole run above the first has not even learned that, one
below the second has."""
_FASTER = 3.0
"""Factor between the rates of two such runs."""
_STRAIGHT, _LEAST = 0.4, 6
_LIVE_PROGRESS, _LIVE_STEPS = 0.05, 30
_LIVE_MOVED, _LIVE_FALL = 0.03, 0.2
"""Relative movement of the weights, and relative fall of the loss, below which a whole run counts as no training."""
_LIVE_RISING = 0.98


class RateTooSmall(ProbeRule, LogRule, LiveRule):
    """The learning rate in use is below the best one, and that costs.

    ## What it reads
    In probes: the user's peak rate, at the probes' momentum, against the response to the learning rate at the longest
    length measured, and the loss difference between the two; if that is inconclusive, whether a whole run with the
    current settings ends above the best constant prediction, which short copies reach at larger rates. In logs: how
    much of the whole fall of the training loss the second half of the run brought, and whether that fall is beyond
    chance; only under a rate that is constant or was not logged. In a run in progress: how far the weights have moved
    and the loss has fallen, extrapolated linearly to the planned length.

    ## Why it matters
    A rate that is too small wastes the run, and the regularisation of a large rate. A run at a
    suitable rate falls fast and then ever more slowly; one that has not begun to slow down is still at its beginning.

    ## Sources
    S-D1 reads overfitting at low rates from a range test; P-CV1 warns that a low rate can also hide overfitting. The
    measured loss decides here. P-TR: the rate transfers from short to long runs only in part. S-D2: a low rate
    underfits and its loss keeps falling. P-CV3: such a run is limited by compute.

    ## Known limits
    Short runs prefer larger rates than long ones. The response at the longest length is used, and its interval is
    extrapolated to the full length as if overfitting were likely (rate times the cube root of the length constant), so
    that a rate that a long run may prefer is not called too small. Rates in between are left to LR010. A log that
    begins after the first fast drop, or a loss on a long plateau before it falls, can look alike.
    """

    code = "LR002"
    title = "The learning rate in use is too small"
    passed = "The learning rate in use is not too small"
    neutral = "Whether the learning rate in use is too small"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    requires_curves = ("train",)
    sources = ("S-D1", "P-CV1", "P-TR", "S-D2", "P-CV3")
    counterevidence = "longer probes whose best rate is lower"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected below the interval as extrapolated to the full length, with more than the noise at stake."""
        if not evidence.current_given:
            return not_applicable("no learning rate is in use: the settings were assumed")
        short = _short_of_constant(evidence)
        if short is not None:
            return short
        response = evidence.response("lr")
        if response is None or isinstance(response.best, FitFailed):
            return inconclusive(response.reason if response else "the learning rate was not compared")
        best = response.best
        equivalent = present_rate(evidence, arms_of(evidence, response))
        mine = present_rate_text(evidence, equivalent)
        worth, bound = _cost(evidence, response, equivalent)
        values = {
            "current": equivalent,
            "best": best.value,
            "low": best.low,
            "high": best.high,
            "at_stake": worth,
        }
        between = f"{rate(best.value)} ({rate(best.low)} to {rate(best.high)}) is best at {share(response.length)}"
        if equivalent >= best.low * response.length**_DRIFT or equivalent > 0.5 * best.value:
            return not_detected(f"{between}; {mine} is in use", values=values)
        if worth <= noise_of(evidence) or worth <= 0:
            return inconclusive(
                f"{between}; {mine} is in use, but the difference of {number(worth)} is within the noise",
                values=values,
            )
        return detected(
            f"{between}, and {mine} is {times(best.value / equivalent)} times lower; in a run so short it costs "
            f"{bound}{number(worth)} of {objective_text(evidence)}",
            values=values,
            figures=figures_of(evidence, "lr"),
            advice=f"Raise the peak rate from {mine} to {rate(evidence.choice.lr)}, under the recommended schedule.",
        )

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if the second half of the run brought at least two fifths of the fall, in a steady trend."""
        train, schedule = evidence.train, evidence.schedule
        assert train is not None
        if schedule.varies:
            return not_applicable(f"{schedule.words()}: the pace follows the schedule")
        if len(train.y) < _LEAST:
            return inconclusive(f"{len(train.y)} training losses, at least {_LEAST} needed")
        if train.fall == 0.0:
            return inconclusive("the training loss does not fall beyond noise; see FT005")
        half = len(train.y) // 2
        late, whole = train.y[half] - train.y[-1], train.y[0] - train.y[-1]
        tau, chance = trend(train.y[half:])
        middle = math.nan if whole <= 0 else late / whole * (len(train.y) - 1) / (len(train.y) - 1 - half) / 2.0
        logged = evidence.run.setting("lr")
        values = {"late_share": middle, "chance": chance, "lr": logged}
        text = f"{train.name} {number(train.y[0])} to {number(train.y[-1])}; its last half brought {middle:.0%} of that"
        if not middle >= _STRAIGHT or middle > 1.0 or tau > -0.8 or trend(train.y)[0] > -0.8:
            return not_detected(text, values=values)
        now = f" from {logged:g}" if isinstance(logged, float) else ""
        return detected(
            f"{text}: it has not begun to slow down at {place(1.0)}",
            values=values,
            advice=f"Raise the rate{now} by a factor of ten, and again while it helps; "
            "longer training alone would take long.",
        )

    def check_live(self, evidence: RunEvidence, vitals: Vitals) -> Judgement:
        """Detected if, at this pace, neither weights nor loss change substantially by the end of the run."""
        train, look = evidence.train, next((item for item in reversed(vitals.looks) if math.isfinite(item.moved)), None)
        if train is None or look is None or not math.isfinite(vitals.progress) or not vitals.first_loss > 0:
            return not_applicable("movement of the weights, training loss or length of the run are unknown")
        if (
            vitals.progress < _LIVE_PROGRESS
            or look.step < _LIVE_STEPS
            or look.moved == 0.0
            or vitals.total_steps is None
        ):
            return inconclusive("too early")
        if evidence.schedule.varies and evidence.schedule.last > _LIVE_RISING * evidence.schedule.peak:
            return inconclusive("the rate is still rising")
        moved = look.moved * vitals.total_steps / look.step
        late = float(np.median(train.raw[-max(3, len(train.raw) // 8) :]))
        fall = (vitals.first_loss - late) / vitals.first_loss / vitals.progress
        values = {"moved_by_the_end": moved, "fall_by_the_end": fall, "step": look.step}
        text = (
            f"by step {look.step} the weights have moved by {look.moved:.1g} of their norm, and {train.name} went from "
            f"{number(vitals.first_loss)} to {number(late)}"
        )
        if moved >= _LIVE_MOVED or fall >= _LIVE_FALL:
            return not_detected(text, values=values)
        now = f" from {rate(evidence.schedule.last)}" if math.isfinite(evidence.schedule.last) else ""
        return detected(
            f"{text}; at this pace the whole run moves them by {moved:.1g} and the loss by {max(0.0, fall):.0%}",
            values=values,
            advice=f"Raise the rate{now} by a factor of ten, and again while it helps.",
        )


def _short_of_constant(evidence: Evidence) -> Judgement | None:
    """Detected if the whole run with the current settings is still above the best constant prediction.

    Short copies at larger rates must reach that constant: otherwise the rate is not the cause.
    """
    whole = [arm for arm in evidence.present_arms if arm.length >= 0.9 and math.isfinite(arm.trace.final_val_loss)]
    if not whole:
        return None
    ended, constant = min(arm.trace.final_val_loss for arm in whole), baseline(evidence, whole[0])
    mine = evidence.current_settings.peak_lr
    copies = [
        arm
        for arm in evidence.cycles
        if arm.length < whole[0].length / 3
        and present_rate(evidence, [arm]) * _FASTER <= arm.spec.lr
        and arm.trace.final_val_loss <= _THERE * constant
    ]
    if not (constant > 0 and ended > _SHORT * constant and copies):
        return None
    first = min(copies, key=lambda arm: arm.length)
    factor = first.spec.lr / present_rate(evidence, [first])
    return detected(
        f"the whole run at {rate(mine)} ends with validation loss {number(ended)}, above the {number(constant)} of the "
        f"best constant prediction; at {times(factor)} times that rate {share(first.length)} is enough to reach it",
        values={"current": mine, "ended": ended, "constant": constant, "factor": factor},
        advice="Raise the learning rate by a factor of ten, and again while it helps. If the loss then stays at that "
        "constant, find what keeps the inputs from the loss.",
        alone=True,
    )


def _cost(evidence: Evidence, response: Response, equivalent: float) -> tuple[float, str]:
    """Loss difference between the rate in use and the best one; a lower bound if that rate is below all tried ones.

    Read from the ladder if the longer response does not reach as far down.
    """
    cost, bound = 0.0, ""
    for item in (response, ladder(evidence)):
        finite = item.finite if item else ()
        if item is None or not finite:
            continue
        best = min(finite, key=lambda point: point.loss)
        worth = at_stake(item, equivalent, best.value)
        if worth is not None:
            return worth, ""
        if finite[0].value > equivalent:
            cost, bound = finite[0].loss - best.loss, "at least "
    return cost, bound
