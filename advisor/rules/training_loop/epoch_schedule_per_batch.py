"""TL003."""

import math
from collections.abc import Mapping
from typing import Any

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, Verdict, detected, not_detected
from advisor.rules.training_loop._reading import judged

_EARLY, _NOTHING = 0.1, 1e-3
_REPAIR = (
    'Move scheduler.step() out of the batch loop, or give its numbers in steps ({"interval": "epoch"} in '
    "settings of a task file)."
)


class EpochSchedulePerBatch(ProbeRule):
    """A scheduler configured in epochs is stepped once per batch.

    ## What it reads
    In scripts: a ``step`` of StepLR, MultiStepLR, ExponentialLR or CosineAnnealingLR in the loop over batches, whose
    step size, milestones, gamma or T_max can only be epochs. In settings: how much of the rate is left after a tenth of
    the run.

    ## Why it matters
    The rate is then near zero within the first epoch, and nothing is learned afterwards. The loss looks
    converged.

    ## Sources
    T-SCHED says when a scheduler is to be stepped.

    ## Known limits
    Numbers that may be steps are not reported; schedulers of other packages are not recognised.
    """

    code = "TL003"
    title = "A schedule that counts epochs ends the training almost immediately"
    passed = "The schedule is stepped as often as it counts"
    neutral = "Whether the schedule is stepped as often as it counts"
    severity = "fault"
    confidence = "high"
    requires = ()
    sources = ("T-SCHED",)
    counterevidence = "a schedule that ends this early on purpose"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected in the script, or if less than a thousandth of the rate is left after a tenth of the run."""
        read = judged(
            evidence, LoopFault.SCHEDULE_PER_BATCH, "{detail} counts epochs, and is stepped once per batch", _REPAIR
        )
        if read.verdict == Verdict.DETECTED or evidence.current.schedule is None:
            return read
        steps = evidence.full_run_examples / max(1, evidence.current.batch_size)
        left = _left(evidence.current.schedule, _EARLY * steps)
        if left is None:
            return read
        name = evidence.current.schedule["name"]
        values = {"schedule": name, "left": left, "steps": steps}
        text = f"{name} leaves {left:.2g} of the rate after a tenth of the {steps:.0f} steps of the run"
        if left >= _NOTHING:
            return not_detected(text, values=values)
        return detected(
            f"{text}: it is stepped once per batch, and its numbers look like epochs", values=values, advice=_REPAIR
        )


def _left(schedule: Mapping[str, Any], step: float) -> float | None:
    """Share of the rate that is left after a number of steps; None for an unknown schedule."""
    gamma = float(schedule.get("gamma", 0.1))
    try:
        if schedule["name"] == "StepLR":
            return float(gamma ** math.floor(step / float(schedule["step_size"])))
        if schedule["name"] == "MultiStepLR":
            return float(gamma ** sum(stone <= step for stone in schedule["milestones"]))
        return float(gamma**step) if schedule["name"] == "ExponentialLR" else None
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
