"""LR001."""

import math
from typing import Any

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import present_rate, present_rate_text
from advisor.evidence.round_name import LADDER_ROUNDS, RoundName
from advisor.fits import RangeBracket
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, parted, place, rate_rises_after, train_fell_after, turned
from advisor.logs.scatter import late_scatter, trains_calmly
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.rules.fit.nothing_learned import breaks_at_one_place
from advisor.utils.numbers import number, rate, share, times

_VIOLENT = 0.25
_MUCH_LOWER, _CLEAR = 0.5, 3.0
_STUCK, _STUCK_TRAINING, _LEARNS, _LEARNS_TRAINING = 0.98, 0.9, 0.85, 0.6
"""Parts of a constant prediction's loss: above the first two nothing is learned, below the others something is."""
_REACHED = 0.9


class RateAboveStableRange(ProbeRule, LogRule):
    """The learning rate in use is in the range where training diverges, or does not settle.

    ## What it reads
    In probes: whether runs with the current settings diverged, or ended no better than a constant prediction while a
    lower rate learned; the ceiling of the range tests and short runs at other rates only request such a run. In logs:
    the late scatter of the validation loss that FT006 reads, if the rate was constant, not logged, or not yet lowered,
    and the training loss, which must have fallen; in a run that ended inside a cycle, whether both losses rose with the
    rate and stayed up.

    ## Why it matters
    Above the ceiling the loss explodes or does not fall; just below it, one unlucky batch is enough, and each
    step overshoots the minimum.

    ## Sources
    S-LR1 takes the range test as the upper bound. C-3 places the best rate within a factor of two below it: a rate at
    which the curve becomes ragged is beyond the best one. P-CV2 counts a late rate that is too high among the causes
    of late variance. S-D3: a sharp rise of the loss with the rate asks for a lower largest rate.

    ## Known limits
    A long run can diverge where a short one was stable. The sweep starts from fresh weights and passes each rate in a
    few steps, so a rate above its ceiling is not called wrong before it was run. In a log, few validation data look the
    same; but scatter by a quarter of the improvement is rarely sampling noise alone.
    """

    code = "LR001"
    title = "The learning rate in use is above the stable range"
    passed = "The learning rate in use is inside the stable range"
    neutral = "Whether the learning rate in use is in the stable range"
    severity = "fault"
    confidence = "medium"
    requires = (RoundName.RANGE,)
    requires_curves = ("val",)
    while_running = "level_rate"
    sources = ("S-LR1", "C-3", "P-CV2", "S-D3")
    counterevidence = "a full run at this rate that does not diverge"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the current settings were run and diverged, or learned nothing while a lower rate did."""
        if not evidence.current_given:
            return not_applicable("no learning rate is in use: the settings were assumed")
        bracket = evidence.bracket
        ceiling = bracket.ceiling if isinstance(bracket, RangeBracket) else None
        equivalent = present_rate(evidence, evidence.of_round(RoundName.RANGE))
        batch = evidence.current.batch_size
        rungs = [arm for arm in evidence.cycles if arm.spec.batch_size == batch and arm.round in LADDER_ROUNDS]
        broke = [arm.spec.lr for arm in rungs if arm.trace.diverged and arm.spec.lr <= 1.01 * equivalent]
        held = [arm.spec.lr for arm in rungs if arm.trace.status == "finished" and arm.spec.lr >= equivalent]
        mine = present_rate_text(evidence, equivalent)
        if breaks_at_one_place(evidence.cycles) is not None:
            return inconclusive("every run diverged at the same step, whatever its rate (FT005)")
        values = {"current": equivalent, "ceiling": ceiling.value if ceiling else None, "diverged_at": broke}
        lower = any(arm.trace.status == "finished" for arm in rungs) and evidence.choice.lr < equivalent
        to = f" from {mine} to {rate(evidence.choice.lr)}" if lower else f" below {mine}"
        own = evidence.present_arms
        bad = next((arm for arm in own if arm.trace.diverged), None)
        if bad is not None:
            return detected(
                f"a run of {share(bad.length)} with the current settings, at {mine}, diverged ({bad.trace.reason})",
                values=values, figures=("range",), advice=f"Lower the peak rate{to}.", confidence="high",
            )  # fmt: skip
        stuck = _collapsed(evidence, equivalent)
        if stuck:
            return detected(f"{stuck}, and the rate in use is {mine}", values=values, figures=("range",),
                            advice=f"Lower the peak rate{to}.")  # fmt: skip
        if own:
            return not_detected(
                f"a run of {share(own[0].length)} with the current settings, at {mine}, was stable", values=values
            )
        if held:
            return not_detected(
                f"a short run at {rate(min(held))}, no lower than the {mine} in use, was stable", values=values
            )
        if broke:
            text = f"a short run at {rate(min(broke))} diverged; the current settings at {mine} were not run"
            return inconclusive(text, values=values, requests_round=RoundName.CONFIRM)
        if ceiling is None:
            reason = "never diverged" if isinstance(bracket, RangeBracket) else bracket.reason
            return inconclusive(f"no ceiling is known ({reason})", values=values)
        if equivalent >= ceiling.value:
            text = f"the rate in use, {mine}, is above {rate(ceiling.value)}, where a sweep diverges; it was not run"
            return inconclusive(text, values=values, figures=("range",), requests_round=RoundName.CONFIRM)
        return not_detected(
            f"the rate in use, {mine}, is {times(ceiling.value / equivalent)} times below {rate(ceiling.value)}, "
            "where training diverges",
            values=values,
            figures=("range",),
        )

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if the late scatter is at least a quarter of the improvement, under a rate that was not low."""
        schedule, val = evidence.schedule, evidence.val
        assert val is not None
        if schedule.annealed:
            return not_applicable(f"{schedule.words()}: it ended low, so late scatter does not depend on the peak")
        bend, low = turned(val, evidence)
        if bend is not None and bend.turned and rate_rises_after(evidence, low) and not train_fell_after(evidence, low):
            return detected(
                f"{ends(val)}; training and validation loss rose together while the rate "
                "went up, and have not come back",
                values={"at": low, "minimum": bend.low, "final": bend.end},
                confidence="medium",
                advice="Lower the largest rate, or the weight decay, which limits the rate that is stable.",
            )
        found = late_scatter(evidence)
        if isinstance(found, str):
            return inconclusive(found)
        logged = evidence.run.setting("lr")
        at = f" at rate {logged:g}" if isinstance(logged, float) else ""
        values: dict[str, Any] = {"share": found.share, "from": found.since, "lr": logged}
        text = (
            f"validation loss scatters by {number(found.size)}{at}, {found.share:.0%} of "
            f"the improvement, after {place(found.since)}"
        )
        if found.share < _VIOLENT:
            return not_detected(text, values=values)
        if parted(evidence):
            return inconclusive(f"{text}; training and held-out loss diverge, so it may be memorisation", values=values)
        if not trains_calmly(evidence):
            return inconclusive(f"{text}; the training loss did not fall, so there may be another cause", values=values)
        return detected(
            text,
            values=values,
            confidence="medium" if found.share > 2 * _VIOLENT else "low",
            advice="Try a third and a tenth of this rate, or let it decay to zero by the end.",
        )


def _collapsed(evidence: Evidence, equivalent: float) -> str:
    """Text if the current settings learn nothing, in training as well, while a much lower rate clearly learns.

    Only runs of the same batch size and of at most the same length are compared.
    """
    base = evidence.preflight.baseline_loss if evidence.preflight else math.nan
    own = [arm for arm in evidence.present_arms if math.isfinite(arm.trace.final_val_loss)]
    if not own or not math.isfinite(base):
        return ""
    stuck = min(own, key=_final)
    below = [
        arm
        for arm in evidence.cycles
        if arm.round in LADDER_ROUNDS and arm.trace.status == "finished"
        and arm.spec.lr < _MUCH_LOWER * equivalent
        and any(arm.spec.batch_size == mine.spec.batch_size and arm.spec.steps <= mine.spec.steps for mine in own)
    ]  # fmt: skip
    best = min(below, key=_final, default=None)
    if max(stuck.trace.lr, default=0.0) < _REACHED * stuck.spec.lr:
        return ""  # It ended inside its warm-up.
    if best is None or _final(stuck) < _STUCK * base or stuck.trace.final_train_loss < _STUCK_TRAINING * base:
        return ""
    error = best.trace.val_loss_se if math.isfinite(best.trace.val_loss_se) else 0.0
    if _final(best) > min(_LEARNS * base, base - _CLEAR * error):
        return ""
    if best.trace.final_train_loss > _LEARNS_TRAINING * base:
        return ""
    return (
        f"a run of {share(stuck.length)} with the current settings ends at {number(_final(stuck))}, no better than the "
        f"{number(base)} of a constant prediction, while one at {rate(best.spec.lr)} reaches {number(_final(best))}"
    )


def _final(arm: Arm) -> float:
    return arm.trace.final_val_loss
