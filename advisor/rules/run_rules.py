"""Rules over recorded runs: one a file, listed here in the order in which they are printed."""

from advisor.rules.epochs.best_far_too_early import BestFarTooEarly
from advisor.rules.epochs.best_not_the_last import BestNotTheLast
from advisor.rules.epochs.plateau_long_before_the_end import PlateauLongBeforeTheEnd
from advisor.rules.epochs.result_continued import ResultContinued
from advisor.rules.epochs.still_improving import StillImproving
from advisor.rules.fit.diverged_or_dead import DivergedOrDead
from advisor.rules.fit.fast_drop_then_flat_in_logs import FastDropThenFlat
from advisor.rules.fit.gap_widens_in_logs import GapWidens
from advisor.rules.fit.late_variance_in_logs import LateVariance
from advisor.rules.fit.levelled_off import LevelledOff
from advisor.rules.fit.loss_overfits_alone import LossOverfitsAlone
from advisor.rules.fit.overfits import Overfits
from advisor.rules.fit.periodic_metric import PeriodicMetric
from advisor.rules.fit.training_loss_rises_in_logs import TrainingLossRises
from advisor.rules.fit.underfits import Underfits
from advisor.rules.learning_rate.rate_too_high import RateTooHigh
from advisor.rules.learning_rate.rate_too_low import RateTooLow
from advisor.rules.run_rule import RunRule

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
