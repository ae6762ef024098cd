"""FT005."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.learned import LEAST, NOTHING, accuracy, baseline, finished_runs, learned, lowest
from advisor.evidence.queries import can_widen, ladder, present_rate, was_run
from advisor.evidence.round_name import RoundName
from advisor.evidence.runaway import runaway
from advisor.evidence.transfer import full_rate
from advisor.fits import divergence
from advisor.fits.trend import trend
from advisor.logs.evidence import Curve, RunEvidence
from advisor.logs.visible import classes_at_chance, constant, right_share, share_of
from advisor.records.trace import StopReason
from advisor.records.vitals import Vitals
from advisor.rules.base import LiveRule, LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number, rate, share

_ALIKE = 3
_APART = 10.0
_EARLIEST = 20
_WITHIN = 10
_WHOLE = 0.9
_WIDE = 100.0
"""Span of rates beyond which the best end does not matter: the results differ by noise."""
_NOT_FINITE = (StopReason.TRAIN_NOT_FINITE, StopReason.VAL_NOT_FINITE)
_MOSTLY_WRONG = 0.5
_FEWEST = 4
_SHORT, _FELL = 8, 0.1
_LIVE_CONSTANT = 20  # consecutive equal values
_LIVE_LEVEL = 0.5  # share of the run up to which a level loss may still begin to fall
_LIVE_WORSE = 0.08  # share of the run after which a loss above its start cannot be a warm-up
_LIVE_VALUES = 8
_LIVE_BROKEN = 3
_LIVE_LOW, _LIVE_ABOVE, _LIVE_FAR = 0.1, 0.01, 2.0
"""All but the lowest tenth of the last half must be 1 % above the start, or its median far above."""


class NothingLearned(ProbeRule, LogRule, LiveRule):
    """Every run diverged, or none does better than a constant prediction.

    ## What it reads
    In probes: the lowest validation loss over all cycles and all evaluations, against that of the best constant
    prediction; and accuracy, if known, against that of always predicting the most frequent class. In logs:
    whether a loss ends in non-finite values, or above its start for good; whether it is constant, or level at the
    logarithm of a number of classes; whether the training loss has stopped falling while an accuracy stays below one
    half without improving. In a run in progress: the same, but a level loss only past the half of the run; and
    whether the training loss, later on, is above its first values.

    ## Why it matters
    No setting can be recommended for a model that learns nothing: the ranking of settings would be noise.
    Shuffled labels look exactly like this.

    ## Sources
    P-INIT asks for a result clearly better than chance before tuning. K-BASE compares with a model that
    sees no inputs. P-SS2: where most trials fail, look for a bug. P-CV5: a training loss that rises points to a bug.

    ## Known limits
    Tasks that start to learn late (parity, modular arithmetic) look the same until then, so nothing is blocked before
    the current settings, rates down to theirs and one run of nearly full length were measured; FT013 reports earlier. A
    logged loss that is level from its first value on is a dead run or one that had converged before; without an
    accuracy the log cannot tell which.
    """

    code = "FT005"
    title = "Training diverges or learns nothing"
    passed = "Something is learned"
    neutral = "Whether anything is learned"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT, RoundName.LADDER)
    requires_curves = ()
    while_running = "any_time"
    sources = ("P-INIT", "K-BASE", "P-SS2", "P-CV5")
    counterevidence = "one full run that ends below the loss of a constant prediction"

    def check(self, evidence: Evidence) -> Judgement:
        """Blocks only after the current settings and lower rates were run, one of them at about full length."""
        if not finished_runs(evidence):
            return _all_failed(evidence)
        if runaway(evidence) is not None:
            return not_applicable("the loss falls without end (FT015)")
        state = progress(evidence)
        if state.learned:
            return not_detected(state.text, values=state.values)
        if state.request is not None:
            return inconclusive(
                f"{state.text}, so far",
                values=state.values,
                requests_round=state.request,
                urgent=state.request in (RoundName.ZOOM, RoundName.CONFIRM_LONG),
            )
        done = finished_runs(evidence)
        top = max(arm.length for arm in done)
        if state.open or top < _WHOLE:
            why = state.open or f"the longest run is {share(top)}: tasks that start late look the same until then"
            return inconclusive(f"{state.text}; {why}", values=state.values)
        rates = [arm.spec.lr for arm in done]
        return detected(
            f"{state.text}, after {len(done)} runs at rates from {rate(min(rates))} to {rate(max(rates))}, the current "
            f"settings among them, the longest {share(top)}",
            values=state.values,
            advice="The labels may be shuffled, or the inputs may carry no information about them: inspect some "
            "examples with their labels, in training and in validation data.",
            blocking=True,
        )

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected on divergence, on a constant loss, at chance, or on a level loss with a low accuracy."""
        if evidence.lost:
            return detected(
                f"{' and '.join(evidence.lost)} was logged and never finite",
                values={"kind": "non_finite"},
                advice="Look for a division by zero, a log of zero or an empty batch in the evaluation; if training "
                "diverges, lower the rate or clip gradients.",
            )
        train = evidence.train or evidence.val
        if train is None:
            return not_applicable("no loss was logged")
        for curve in (train, evidence.val):
            if curve is not None and constant(curve):
                return detected(
                    f"{curve.name} is {number(curve.final)} in all {len(curve.raw)} rows",
                    values={"kind": "constant", "final": curve.final},
                    advice="Nothing is trained, or a constant is logged: check that the loss depends on the weights, "
                    "that gradients are not zero, and what is written into the log.",
                )
        for curve in (train, evidence.val):
            if curve is not None and curve.broken:
                return detected(
                    f"{curve.name} ends in non-finite values",
                    values={"kind": "non_finite"},
                    advice="Lower the rate, warm it up or clip gradients; look for a "
                    "division by zero or a log of zero.",
                )
        classes = classes_at_chance(train)
        if classes:
            return _at_chance(evidence, train, classes)
        if len(train.y) < _FEWEST:
            return inconclusive(f"{len(train.y)} value(s) of {train.name}: too few to judge")
        for curve in (train, evidence.val):
            if curve is None or (curve is not train and train.fall > 0.0):
                continue
            if divergence(curve.y).diverged and divergence(curve.raw).diverged:
                return detected(
                    f"{curve.name} began at {number(curve.y[0])} and ended at {number(curve.final)}, above its start",
                    values={"kind": "exploded", "start": curve.y[0], "final": curve.final},
                    advice="Lower the rate, warm it up or clip gradients.",
                )
        metric = evidence.metric or evidence.train_metric
        half = train.y[len(train.y) // 2 :]
        late = abs(half[0] - half[-1]) if len(half) > 1 else 0.0
        stalled = train.fall == 0.0 or late <= 0.1 * train.reach
        if (
            metric is not None
            and len(metric.y) >= 4
            and not _fitted(evidence)
            and 0.0 <= metric.best[1] / right_share(metric) <= _MOSTLY_WRONG
        ):
            tau, chance = trend(metric.y)
            worse = tau <= 0 or chance > 0.05
            if stalled and worse:
                return detected(
                    f"{metric.name} {number(metric.y[0])} at the start, "
                    f"{number(metric.final)} at the end; {train.name} "
                    f"level at {number(train.final)}",
                    values={"kind": "dead", "metric": metric.final},
                    advice="Check labels and inputs, overfit one batch, then try other "
                    "rates: it is no better than at the start.",
                )
        if train.fall == 0.0 and len(train.y) < _SHORT and train.y[0] - train.y[-1] > _FELL * abs(train.y[0]):
            return inconclusive(f"{len(train.y)} values of {train.name}: too few to judge its fall")
        if train.fall == 0.0 and not _fitted(evidence):
            return inconclusive(
                f"{train.name} never falls beyond noise: dead, or converged before the log begins",
                values={"start": train.y[0], "final": train.final},
            )
        few = f"; {train.scattered} value(s) in between were not finite" if train.scattered else ""
        return not_detected(
            f"{train.name} {number(train.y[0])} to {number(train.final)}{few}", values={"fall": train.fall}
        )

    def check_live(self, evidence: RunEvidence, vitals: Vitals) -> Judgement:
        """The same, if a part of the run is sufficient, and a loss that stays above its start."""
        if vitals.not_finite >= _LIVE_BROKEN:
            return detected(
                f"the last {vitals.not_finite} training losses are not finite",
                values={"kind": "non_finite"},
                advice="Go back to earlier weights; lower the rate, warm it up or clip gradients; look for a "
                "division by zero, a log of zero, or NaN in the data.",
            )
        judged = self.check_log(evidence)
        kind = judged.values.get("kind")
        train = evidence.train or evidence.val
        if train is None or kind == "non_finite":
            return judged
        if kind in ("chance", "dead") and not vitals.progress >= _LIVE_LEVEL:
            return inconclusive(f"{judged.text}; it may still begin to fall", values=judged.values)
        if kind == "constant" and len(train.raw) < _LIVE_CONSTANT and not vitals.progress >= _LIVE_LEVEL:
            return inconclusive(judged.text, values=judged.values)
        if kind is not None or len(train.raw) < _LIVE_VALUES or not vitals.progress >= _LIVE_WORSE:
            return judged
        half, first = train.raw[len(train.raw) // 2 :], vitals.first_loss
        low, middle = float(np.quantile(half, _LIVE_LOW)), float(np.median(half))
        if not (low > first + _LIVE_ABOVE * abs(first) or middle > first + _LIVE_FAR * abs(first)):
            return judged
        return detected(
            f"{train.name} was {number(first)} at its start and {number(middle)} in the last half, nine tenths of it "
            f"above {number(low)}",
            values={"kind": "worse", "start": first, "final": train.final},
            advice="Lower the rate tenfold, warm it up or clip gradients, and restart from fresh weights.",
        )


def _fitted(evidence: RunEvidence) -> bool:
    """Whether training predictions are mostly right: at least those are learned (FT014)."""
    known = evidence.train_metric
    return known is not None and known.best[1] / right_share(known) > _MOSTLY_WRONG


@dataclass(frozen=True, slots=True)
class Progress:
    """Improvement of the runs on a constant prediction.

    Attributes:
        learned: Whether one is clearly better than the best constant prediction.
        text: The numbers as text.
        values: The numbers.
        request: The next round that could show learning.
        open: Why the question is still open although no round is left; empty if it is settled.
    """

    learned: bool
    text: str
    values: dict[str, Any]
    request: RoundName | None
    open: str


def progress(evidence: Evidence) -> Progress:
    """The best run against the best constant prediction and the most frequent class. Needs a finished run."""
    done = finished_runs(evidence)
    best = min(done, key=lowest)
    known = evidence.preflight is not None and math.isfinite(evidence.preflight.baseline_loss)
    base = baseline(evidence, best)
    gain = base - lowest(best)
    error = best.trace.val_loss_se if math.isfinite(best.trace.val_loss_se) else 0.0
    reached, chance = accuracy(evidence, done)
    values = {"best": lowest(best), "baseline": base, "gain": gain, "standard_error": error, "accuracy": reached,
              "chance": chance}  # fmt: skip
    what = "the best constant prediction" if known else "the first training losses"
    text = f"lowest validation loss {number(lowest(best))}, {what} {number(base)}"
    if reached is not None and chance is not None:
        text += f"; accuracy {reached:.1%}, the most frequent class alone {chance:.1%}"
    if learned(evidence):
        return Progress(True, text, values, None, "")
    why = _unsettled(evidence, done)
    if gain > max(NOTHING * error, LEAST * abs(base)):
        why = why or f"better, but within three standard errors ({number(error)})"
    return Progress(False, text, values, _request(evidence), why)


def _at_chance(evidence: RunEvidence, train: Curve, classes: int) -> Judgement:
    """A loss that stays at that of a uniform prediction over some classes."""
    metric = evidence.metric or evidence.train_metric
    unit = share_of(metric) if metric is not None else math.nan
    level = number(train.final)
    text = f"{train.name} stays at {level}, which is ln {classes}: a uniform prediction over {classes} classes"
    values = {"kind": "chance", "classes": classes, "final": train.final}
    if metric is not None and math.isfinite(unit):
        reached = metric.best[1] / unit
        if reached > 2.0 / classes:
            return inconclusive(f"{text}, although {metric.name} reaches {number(metric.best[1])}", values=values)
        text += f"; {metric.name} no better than {number(metric.best[1])}"
    return detected(
        text,
        values=values,
        confidence=None if metric is not None else "medium",
        advice="Check that gradients reach the weights and the optimizer holds them, overfit one batch, then try other "
        "rates.",
    )


def _request(evidence: Evidence) -> RoundName | None:
    """The next round that could show learning: other rates, the current settings, larger copies, all data."""
    response = ladder(evidence)
    edge = response is not None and response.verdict in ("edge_low", "edge_high", "unmeasured")
    if edge and can_widen(evidence) and not was_run(evidence, RoundName.CONFIRM_LONG):
        return RoundName.LADDER_WIDER
    wanted = [RoundName.CONFIRM, RoundName.ZOOM, RoundName.CONFIRM_LONG]
    if not evidence.current_given:
        wanted = [RoundName.ZOOM]
    return next((name for name in wanted if not was_run(evidence, name)), None)


def _unsettled(evidence: Evidence, done: list[Arm]) -> str:
    """What must still be run before concluding that nothing is learned; empty if everything was."""
    response = ladder(evidence)
    if evidence.current_given and not any(arm in done for arm in evidence.present_arms):
        return "no run with the current settings finished"
    if evidence.current_given and _lowest_rate(evidence) > 1.05 * present_rate(evidence, evidence.cycles):
        return "no rate as low as the current one was run in the search"
    rates = [point.value for point in response.points] if response is not None else []
    narrow = not rates or max(rates) < _WIDE * min(rates)
    if narrow and response is not None and response.verdict in ("edge_low", "edge_high"):
        end = "lowest" if response.verdict == "edge_low" else "highest"
        return f"the {end} of the rates does best, and the search ended there"
    return ""


def _lowest_rate(evidence: Evidence) -> float:
    arms = [*evidence.cycles, *evidence.present_arms]
    return min((full_rate(evidence, arm) for arm in arms), default=math.inf)


def _all_failed(evidence: Evidence) -> Judgement:
    cycles = evidence.cycles
    if not cycles:
        return inconclusive("no run was made")
    broke = [arm for arm in cycles if arm.trace.diverged]
    reasons = sorted({arm.trace.reason for arm in cycles if arm.trace.reason})
    lowest = min(arm.spec.lr for arm in cycles)
    values = {"cycles": len(cycles), "diverged": len(broke), "lowest_rate": lowest, "reasons": reasons}
    text = f"none of {len(cycles)} runs finished, down to a rate of {rate(lowest)} ({'; '.join(reasons[:2])})"
    place = breaks_at_one_place(cycles)
    if place is not None:
        return detected(
            f"{text}; each diverged near step {place}, whatever its rate",
            values={**values, "step": place},
            advice=f"The rate is not the cause: check model, loss and data around training step {place}.",
            blocking=True,
        )
    if broke and can_widen(evidence):
        return inconclusive(text, values=values, requests_round=RoundName.LADDER_WIDER)
    if evidence.current_given and not evidence.present_arms:
        untried = "the current settings were not run"
        return inconclusive(f"{text}; {untried}", values=values, requests_round=RoundName.CONFIRM)
    return detected(
        f"{text}, nor with the current settings",
        values=values,
        advice="Find what makes the loss explode at any rate: inputs or targets out of range, a loss that sums "
        "over the batch, large initial weights."
        if broke
        else "Repair the error first.",
        blocking=True,
    )


def breaks_at_one_place(cycles: Sequence[Arm]) -> int | None:
    """The step near which all runs became non-finite, over rates an order of magnitude apart; None if there is none."""
    broke = [arm for arm in cycles if arm.trace.stop_reason in _NOT_FINITE and arm.trace.step]
    if len(broke) < _ALIKE or len(broke) < len(cycles):
        return None
    rates, ends = [arm.spec.lr for arm in broke], [_first_not_finite(arm) for arm in broke]
    if max(rates) < _APART * min(rates) or min(ends) <= _EARLIEST or max(ends) - min(ends) > _WITHIN:
        return None
    return ends[0]


def _first_not_finite(arm: Arm) -> int:
    pairs = zip(arm.trace.step, arm.trace.train_loss, strict=True)
    return next((step for step, loss in pairs if not math.isfinite(loss)), arm.trace.step[-1])
