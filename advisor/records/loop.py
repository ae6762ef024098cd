"""Facts about the training loop of a script, each with its line."""

from dataclasses import dataclass
from enum import StrEnum


class LoopFault(StrEnum):
    """A fault of a training loop."""

    NOT_ZEROED = "not_zeroed"
    NOT_DIVIDED = "not_divided"
    SCHEDULE_PER_BATCH = "schedule_per_batch"
    CLIP_BEFORE_UNSCALE = "clip_before_unscale"
    OPTIMIZER_TOO_EARLY = "optimizer_too_early"
    EVAL_NOT_UNDONE = "eval_not_undone"
    LOSS_CUT = "loss_cut"
    VALIDATES_ON_TRAINING = "validates_on_training"
    ZEROED_BEFORE_STEP = "zeroed_before_step"
    EVALUATED_IN_TRAINING = "evaluated_in_training"
    MADE_EACH_EPOCH = "made_each_epoch"


@dataclass(frozen=True, slots=True)
class LoopFact:
    """One fault found in a script.

    Attributes:
        fault: Its kind.
        line: Line of the script, from 1.
        source: That line.
        detail: What it concerns: a name, or a number as text.
    """

    fault: LoopFault
    line: int
    source: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LoopReading:
    """A script's training loop as read from its source.

    Attributes:
        line: Line of the loop over batches.
        facts: What it does wrong.
    """

    line: int
    facts: tuple[LoopFact, ...] = ()

    def of(self, fault: LoopFault) -> tuple[LoopFact, ...]:
        """The facts of one kind."""
        return tuple(fact for fact in self.facts if fact.fault == fault)
