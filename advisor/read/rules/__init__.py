"""Rules over recorded runs: one a file, listed here in the order in which they are printed."""

from advisor.read.rules.base import RunRule
from advisor.read.rules.best_far_too_early import BestFarTooEarly
from advisor.read.rules.best_not_the_last import BestNotTheLast
from advisor.read.rules.diverged_or_dead import DivergedOrDead
from advisor.read.rules.fast_drop_then_flat import FastDropThenFlat
from advisor.read.rules.gap_widens import GapWidens
from advisor.read.rules.late_variance import LateVariance
from advisor.read.rules.levelled_off import LevelledOff
from advisor.read.rules.loss_overfits_alone import LossOverfitsAlone
from advisor.read.rules.overfits import Overfits
from advisor.read.rules.periodic_metric import PeriodicMetric
from advisor.read.rules.plateau_long_before_the_end import PlateauLongBeforeTheEnd
from advisor.read.rules.rate_too_high import RateTooHigh
from advisor.read.rules.rate_too_low import RateTooLow
from advisor.read.rules.result_continued import ResultContinued
from advisor.read.rules.still_improving import StillImproving
from advisor.read.rules.training_loss_rises import TrainingLossRises
from advisor.read.rules.underfits import Underfits

RUN_RULES: tuple[RunRule, ...] = (
    # Did it train at all?
    DivergedOrDead(),
    TrainingLossRises(),
    # Is the rate right?
    RateTooHigh(),
    RateTooLow(),
    # What do the curves say?
    Overfits(),
    LossOverfitsAlone(),
    Underfits(),
    LateVariance(),
    GapWidens(),
    PeriodicMetric(),
    # How long?
    BestFarTooEarly(),
    PlateauLongBeforeTheEnd(),
    StillImproving(),
    LevelledOff(),
    FastDropThenFlat(),
    BestNotTheLast(),
    ResultContinued(),
)
"""Every rule over runs. A code means what it means among the rules over probes."""

__all__ = ["RUN_RULES", "RunRule"]
