"""LR009."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import best_by_length, present_rate
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import share, times

_NAMES = {
    "1cycle": "1cycle",
    "cosine": "warm-up and cosine",
    "triangular": "triangular",
    "constant": "constant",
}


class ScheduleNotOneCycle(ProbeRule):
    """The schedule in use differs from the one under which everything else was measured.

    ## What it reads
    The user's schedule, the schedule of the probes, and probes under the user's own kind of schedule if any
    ran.

    ## Why it matters
    Rate, momentum and weight decay were compared under one schedule and belong to it: the peak rate of a
    cycle is too large for a constant rate.

    ## Sources
    S-LR4 recommends one cycle with a long anneal. P-DEC takes linear or cosine decay as default, with a short
    warm-up. Both end near zero, and they differ in the length of the rise. C-6: adaptive optimizers gain
    less.

    ## Known limits
    Schedules are not compared with each other by default, and P-TR counts the schedule among what transfers
    least from short to long runs; hence the low confidence.
    """

    code = "LR009"
    title = "Another schedule is advised"
    passed = "The schedule in use is of the kind that was measured"
    neutral = "Schedule in use against the one measured"
    severity = "advice"
    confidence = "low"
    requires = (RoundName.LADDER,)
    sources = ("S-LR4", "P-DEC", "C-6", "P-TR")
    counterevidence = "a paired full run under the schedule in use that ends lower"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the user's scheduler class is not that of the probes."""
        best = best_by_length(evidence)
        if not best:
            return inconclusive("no probe finished")
        length, arm = best[-1]
        wished = evidence.choice.schedule
        advised = evidence.choice.schedule_keywords()
        now = evidence.current.schedule
        mine = str(now["name"]) if now else "a constant rate"
        values = {"current": mine, "advised": wished, "length": length}
        settings = {"schedule": wished}
        if (now or {}).get("name") == (advised or {}).get("name"):
            return not_detected(
                f"{mine} is in use, and the probes ran under {_NAMES[wished]}", values=values, settings=settings
            )
        equivalent = present_rate(evidence, [arm])
        same = f"; the best peak rate is {times(arm.spec.lr / equivalent)} times the rate in use"
        adaptive = evidence.choice.momentum is not None and "betas" in evidence.choice.optimizer_keywords()
        return detected(
            f"{mine} is {'in use' if evidence.current_given else 'assumed'}; the best probe at {share(length)} ran "
            f"under {_NAMES[wished]}{same}",
            values=values,
            confidence="low" if adaptive or now is not None else "medium",
            settings=settings,
            advice=f"Use {(advised or {'name': 'a constant rate'})['name']} in place of {mine}, with the rate found "
            "here: they were measured together.",
        )
