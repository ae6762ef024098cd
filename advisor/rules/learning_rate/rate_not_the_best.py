"""LR010."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import (
    arms_of,
    can_widen,
    figures_of,
    ladder,
    objective_text,
    present_rate,
    present_rate_text,
    was_run,
)
from advisor.evidence.round_name import RoundName
from advisor.fits import at_stake
from advisor.fits.types import FitFailed, Response
from advisor.records.spec import Keywords
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Confidence, Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, rate, share

_SAME = 1.25


class RateNotTheBest(ProbeRule):
    """The learning rate in use is not the best of those measured.

    ## What it reads
    The response to the learning rate at the longest length, whether shorter lengths agree with it, and the
    adjustments of the rounds (the rate is scaled with the batch size and the momentum).

    ## Why it matters
    The learning rate matters more than any other setting, and everything else is compared at the best one.

    ## Sources
    S-LR1 and G-1 read the rate from a range test and differ by a factor of ten; short whole runs decide
    between them here, as S-D4 finds that short runs tell. P-HP re-tunes the rate with every other knob.
    P-TR: it transfers to long runs in part.

    ## Known limits
    Measured at parts of the full length, on one or two seeds. On tasks that overfit, the best rate falls as
    the run grows; the length round checks that.
    """

    code = "LR010"
    title = "The learning rate in use is not the best one measured"
    passed = "The learning rate in use is the best one measured, or as good"
    neutral = "Learning rate in use against the best one measured"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    sources = ("S-LR1", "G-1", "S-D4", "P-HP", "P-TR")
    counterevidence = "full-length runs at this rate, half and twice of it, with another order"

    def check(self, evidence: Evidence) -> Judgement:
        """Sets the rate; requests wider ladders, then the zoom."""
        response, first = evidence.response("lr"), ladder(evidence)
        if response is None or first is None:
            return inconclusive("the learning rate was not compared")
        open_end = first.verdict in ("edge_low", "edge_high", "unmeasured")
        request: RoundName | None = None
        if open_end and can_widen(evidence):
            request = RoundName.LADDER_WIDER
        elif first.verdict != "unmeasured" and not was_run(evidence, RoundName.ZOOM):
            request = RoundName.ZOOM
        if not response.finite:
            return inconclusive("no run at any rate finished", requests_round=request)
        equivalent = present_rate(evidence, arms_of(evidence, response))
        mine = present_rate_text(evidence, equivalent)
        finite = [point.value for point in response.finite]
        values: Keywords = {
            "current": equivalent,
            "length": response.length,
            "verdict": response.verdict,
        }
        rest: Keywords = {"values": values, "figures": figures_of(evidence, "lr"), "requests_round": request}
        if response.verdict == "flat":
            kept = min(finite) <= equivalent <= max(finite) and evidence.current_given and _unmoved(evidence)
            chosen = equivalent if kept else evidence.choice.lr
            text = f"rates from {rate(min(finite))} to {rate(max(finite))} do equally well at {share(response.length)}"
            if kept:
                return not_detected(
                    f"{text}; {mine} stays", settings=_settings(evidence, chosen), confidence="medium", **rest
                )
            return detected(
                f"{text}; {mine} is "
                f"{'in use' if evidence.current_given else 'assumed'}", settings=_settings(evidence, chosen),
                confidence="low", advice=f"Take {rate(chosen)}, the setting that the other results "
                "belong to.", **rest
            )  # fmt: skip
        chosen = evidence.choice.lr
        moved = (
            ""
            if _same(chosen, _value(response))
            else f", transferred to {rate(chosen)} with the other settings and the length"
        )
        text = f"{_best_text(response)} at {share(response.length)}{moved}"
        worth = at_stake(response, equivalent, _value(response))
        values |= {"best": _value(response), "recommended": chosen, "at_stake": worth}
        sure = _confidence(evidence, response, first)
        if evidence.current_given and _unmoved(evidence) and _as_good(evidence, first, equivalent):
            return not_detected(
                f"{text}; {mine} is in use and does as well on the ladder, within the noise",
                settings=_settings(evidence, equivalent),
                confidence="medium",
                **rest,
            )
        if evidence.current_given and _same(chosen, equivalent):
            settings = _settings(evidence, chosen)
            return not_detected(f"{text}; {mine} is in use", settings=settings, confidence=sure, **rest)
        costs = (
            f", which costs {number(worth)} of {objective_text(evidence)}" if worth is not None and worth > 0 else ""
        )
        return detected(
            f"{text}; {mine} is {'in use' if evidence.current_given else 'assumed'}{costs}",
            settings=_settings(evidence, chosen),
            confidence=sure,
            advice=f"Change the peak rate from {mine} to {rate(chosen)}, under the recommended schedule.",
            **rest,
        )


def _value(response: Response) -> float:
    if not isinstance(response.best, FitFailed):
        return response.best.value
    return _value_measured(response)


def _value_measured(response: Response) -> float:
    return min(response.finite, key=lambda point: point.loss).value


def _best_text(response: Response) -> str:
    if isinstance(response.best, FitFailed):
        return f"{rate(_value(response))} is the best of few"
    best = response.best
    return f"{rate(best.value)} is best ({rate(best.low)} to {rate(best.high)})"


def _same(one: float, other: float) -> bool:
    return abs(math.log(one / other)) <= math.log(_SAME)


def _as_good(evidence: Evidence, first: Response, equivalent: float) -> bool:
    """Whether the rate in use loses no more than the noise against the best rung."""
    if not math.isfinite(evidence.noise):
        return False
    worth = at_stake(first, equivalent, _value_measured(first))
    return worth is not None and worth <= evidence.noise


def _unmoved(evidence: Evidence) -> bool:
    """Whether batch size and momentum are unchanged, so that the current rate is comparable."""
    choice = evidence.choice
    return choice.batch_size == evidence.current.batch_size and choice.momentum == evidence.current_settings.momentum


def _settings(evidence: Evidence, chosen: float) -> Keywords:
    """The rate, and the momentum that it was measured with."""
    momentum = evidence.choice.momentum
    return {"lr": float(f"{chosen:.3g}")} | ({} if momentum is None else {"momentum": momentum})


def _confidence(evidence: Evidence, response: Response, first: Response) -> Confidence:
    """High if a longer length agrees with the ladder within a factor of two, low at an edge."""
    if response.verdict not in ("resolved", "flat") or isinstance(response.best, FitFailed):
        return "low"
    if response is first:
        return "medium"
    if isinstance(first.best, FitFailed) or first.verdict != "resolved":
        return "medium"
    agree = 0.5 <= response.best.value / first.best.value <= 2.0
    losses = [point.loss for point in response.finite]
    told = max(losses) - min(losses) > evidence.noise or len(losses) < len(response.points)
    return "high" if agree and told and math.isfinite(evidence.noise) else "medium"
