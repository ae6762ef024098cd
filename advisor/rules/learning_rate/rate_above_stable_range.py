"""LR001."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import present_rate, present_rate_text
from advisor.fits import RangeBracket
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_applicable, not_detected
from advisor.rules.fit.nothing_learned import breaks_at_one_place
from advisor.utils.numbers import rate, times


class RateAboveStableRange(Rule):
    """The learning rate in use lies where training breaks.

    ## What it reads
    The user's peak rate, brought to the probes' momentum by rate / (1 - momentum), the ceiling of the range
    tests, and short runs that diverged at that rate or below.

    ## Why it matters
    Above the ceiling the loss explodes or stays where it was; just below it, one unlucky batch is enough.

    ## Sources
    S-LR1 takes the range test as the upper bound. C-3 places the best rate within a factor of two below it.

    ## Known limits
    The sweep starts from fresh weights and passes each rate in a few steps: a warm-up can make a rate above
    the ceiling usable, and a long run can break below it. Clipping in the user's settings shifts it too.
    """

    code = "LR001"
    title = "The learning rate in use is above the stable range"
    passed = "The learning rate in use is inside the stable range"
    severity = "fault"
    confidence = "medium"
    requires = ("range",)
    sources = ("S-LR1", "C-3")
    doubt = "a full run at this rate that does not diverge"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected at or above the ceiling, or where a short run at no larger a rate diverged."""
        if not evidence.current_given:
            return not_applicable("no learning rate is in use: the settings were assumed")
        bracket = evidence.bracket
        ceiling = bracket.ceiling if isinstance(bracket, RangeBracket) else None
        equivalent = present_rate(evidence, evidence.of_round("range"))
        batch = evidence.current.batch_size
        rungs = [arm for arm in evidence.cycles if arm.spec.batch_size == batch and "ladder" in arm.round]
        broke = [arm.spec.lr for arm in rungs if arm.trace.diverged and arm.spec.lr <= 1.01 * equivalent]
        held = [arm.spec.lr for arm in rungs if arm.trace.status == "finished" and arm.spec.lr >= equivalent]
        mine = present_rate_text(evidence, equivalent)
        if breaks_at_one_place(evidence.cycles) is not None:
            return cannot_tell("every run broke at the same step, whatever its rate (FT005)")
        values = {"current": equivalent, "ceiling": ceiling.value if ceiling else None, "diverged_at": broke}
        lower = any(arm.trace.status == "finished" for arm in rungs) and evidence.choice.lr < equivalent
        to = f" from {mine} to {rate(evidence.choice.lr)}" if lower else f" below {mine}"
        advice = f"Lower the peak rate{to}."
        if ceiling is not None and equivalent >= ceiling.value and not held:
            return detected(
                f"the rate in use, {mine}, is above {rate(ceiling.value)}, where training breaks "
                f"({rate(ceiling.low)} to {rate(ceiling.high)})",
                values=values,
                figures=("range",),
                advice=advice,
                confidence="high" if equivalent > ceiling.high or broke else None,
            )
        if broke:
            return detected(
                f"a short run at {rate(min(broke))} diverged, and the rate in use is {mine}",
                values=values,
                figures=("range",),
                advice=advice,
            )
        if held:
            return not_detected(
                f"a short run at {rate(min(held))}, no lower than the {mine} in use, held", values=values
            )
        if ceiling is None:
            reason = "never diverged" if isinstance(bracket, RangeBracket) else bracket.reason
            return cannot_tell(f"no ceiling is known ({reason})", values=values)
        return not_detected(
            f"the rate in use, {mine}, is {times(ceiling.value / equivalent)} times below {rate(ceiling.value)}, "
            "where training breaks",
            values=values,
            figures=("range",),
        )
