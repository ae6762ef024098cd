"""The registry: all rules, registered here only. No torch."""

from advisor.rules.base import Rule
from advisor.rules.batch_size.accumulation_without_need import AccumulationWithoutNeed
from advisor.rules.batch_size.batch_beyond_critical import BatchBeyondCritical
from advisor.rules.batch_size.batch_past_the_knee import BatchPastTheKnee
from advisor.rules.batch_size.batch_size_not_the_best import BatchSizeNotTheBest
from advisor.rules.batch_size.largest_batch_unused import LargestBatchUnused
from advisor.rules.batch_size.rate_not_rescaled_with_batch import RateNotRescaledWithBatch
from advisor.rules.batch_size.regularisation_not_rebalanced import RegularisationNotRebalanced
from advisor.rules.capacity.capacity_far_too_large import CapacityFarTooLarge
from advisor.rules.capacity.capacity_too_small import CapacityTooSmall
from advisor.rules.epochs.best_checkpoint_not_the_last import BestCheckpointNotTheLast
from advisor.rules.epochs.run_far_too_long import RunFarTooLong
from advisor.rules.epochs.run_longer_than_needed import RunLongerThanNeeded
from advisor.rules.epochs.run_too_short import RunTooShort
from advisor.rules.experiment.best_at_the_boundary import BestAtTheBoundary
from advisor.rules.experiment.difference_inside_noise import DifferenceInsideNoise
from advisor.rules.experiment.many_infeasible_trials import ManyInfeasibleTrials
from advisor.rules.experiment.present_settings_as_good import PresentSettingsAsGood
from advisor.rules.experiment.rest_not_retuned_with_batch import RestNotRetunedWithBatch
from advisor.rules.fit.fast_drop_then_flat import FastDropThenFlat
from advisor.rules.fit.gap_widens import GapWidens
from advisor.rules.fit.held_out_far_behind import HeldOutFarBehind
from advisor.rules.fit.late_variance import LateVariance
from advisor.rules.fit.loss_overfits_while_accuracy_holds import LossOverfitsWhileAccuracyHolds
from advisor.rules.fit.loss_without_lower_bound import LossWithoutLowerBound
from advisor.rules.fit.no_better_than_constant import NoBetterThanConstant
from advisor.rules.fit.nothing_learned import NothingLearned
from advisor.rules.fit.overfitting import Overfitting
from advisor.rules.fit.plateau_reached import PlateauReached
from advisor.rules.fit.training_examples_worse import TrainingExamplesWorse
from advisor.rules.fit.training_loss_rises import TrainingLossRises
from advisor.rules.fit.training_loss_unsteady import TrainingLossUnsteady
from advisor.rules.fit.underfitting import Underfitting
from advisor.rules.fit.validation_classes_renamed import ValidationClassesRenamed
from advisor.rules.fit.validation_periodic import ValidationPeriodic
from advisor.rules.learning_rate.best_rate_at_the_edge import BestRateAtTheEdge
from advisor.rules.learning_rate.early_instability import EarlyInstability
from advisor.rules.learning_rate.limit_of_the_rate import LimitOfTheRate
from advisor.rules.learning_rate.minimum_rate_not_set import MinimumRateNotSet
from advisor.rules.learning_rate.rate_above_stable_range import RateAboveStableRange
from advisor.rules.learning_rate.rate_insensitive import RateInsensitive
from advisor.rules.learning_rate.rate_moves_with_size import RateMovesWithSize
from advisor.rules.learning_rate.rate_never_diverged import RateNeverDiverged
from advisor.rules.learning_rate.rate_not_the_best import RateNotTheBest
from advisor.rules.learning_rate.rate_too_small import RateTooSmall
from advisor.rules.learning_rate.schedule_not_one_cycle import ScheduleNotOneCycle
from advisor.rules.learning_rate.super_convergence_feasible import SuperConvergenceFeasible
from advisor.rules.momentum.momentum_low_at_constant_rate import MomentumLowAtConstantRate
from advisor.rules.momentum.momentum_not_cycled import MomentumNotCycled
from advisor.rules.momentum.momentum_not_the_best import MomentumNotTheBest
from advisor.rules.momentum.momentum_too_large import MomentumTooLarge
from advisor.rules.preflight.augmentation_changes_labels import AugmentationChangesLabels
from advisor.rules.preflight.data_not_shuffled import DataNotShuffled
from advisor.rules.preflight.dropout_too_strong import DropoutTooStrong
from advisor.rules.preflight.evaluation_random import EvaluationRandom
from advisor.rules.preflight.examples_mixed import ExamplesMixed
from advisor.rules.preflight.future_seen import FutureSeen
from advisor.rules.preflight.half_not_read import HalfNotRead
from advisor.rules.preflight.half_precision_weights import HalfPrecisionWeights
from advisor.rules.preflight.initial_loss_off import InitialLossOff
from advisor.rules.preflight.input_gives_target_away import InputGivesTargetAway
from advisor.rules.preflight.input_pipeline_slow import InputPipelineSlow
from advisor.rules.preflight.inputs_ignored import InputsIgnored
from advisor.rules.preflight.inputs_not_normalised import InputsNotNormalised
from advisor.rules.preflight.labels_longer_than_inputs import LabelsLongerThanInputs
from advisor.rules.preflight.layers_dead_or_fading import LayersDeadOrFading
from advisor.rules.preflight.loss_misreads_outputs import LossMisreadsOutputs
from advisor.rules.preflight.loss_not_finite import LossNotFinite
from advisor.rules.preflight.modes_disagree import ModesDisagree
from advisor.rules.preflight.no_activation_between import NoActivationBetween
from advisor.rules.preflight.one_answer_for_all import OneAnswerForAll
from advisor.rules.preflight.one_batch_not_fitted import OneBatchNotFitted
from advisor.rules.preflight.one_class_for_all import OneClassForAll
from advisor.rules.preflight.order_not_seen import OrderNotSeen
from advisor.rules.preflight.output_activation_doubled import OutputActivationDoubled
from advisor.rules.preflight.output_dropped import OutputDropped
from advisor.rules.preflight.output_layer_frozen import OutputLayerFrozen
from advisor.rules.preflight.outputs_broadcast import OutputsBroadcast
from advisor.rules.preflight.padding_in_the_loss import PaddingInTheLoss
from advisor.rules.preflight.parameters_not_trained import ParametersNotTrained
from advisor.rules.preflight.scores_cannot_vary import ScoresCannotVary
from advisor.rules.preflight.splits_nearly_repeat import SplitsNearlyRepeat
from advisor.rules.preflight.splits_scaled_differently import SplitsScaledDifferently
from advisor.rules.preflight.targets_not_scaled import TargetsNotScaled
from advisor.rules.preflight.targets_out_of_range import TargetsOutOfRange
from advisor.rules.preflight.units_start_equal import UnitsStartEqual
from advisor.rules.preflight.weights_outside_parameters import WeightsOutsideParameters
from advisor.rules.stability.gradients_not_clipped import GradientsNotClipped
from advisor.rules.stability.most_steps_clipped import MostStepsClipped
from advisor.rules.training_loop.accumulation_not_divided import AccumulationNotDivided
from advisor.rules.training_loop.clipped_before_unscaling import ClippedBeforeUnscaling
from advisor.rules.training_loop.epoch_schedule_per_batch import EpochSchedulePerBatch
from advisor.rules.training_loop.eval_never_undone import EvalNeverUndone
from advisor.rules.training_loop.evaluated_in_training_mode import EvaluatedInTrainingMode
from advisor.rules.training_loop.gradients_never_zeroed import GradientsNeverZeroed
from advisor.rules.training_loop.loss_cut_from_graph import LossCutFromGraph
from advisor.rules.training_loop.model_made_each_epoch import ModelMadeEachEpoch
from advisor.rules.training_loop.optimizer_built_too_early import OptimizerBuiltTooEarly
from advisor.rules.training_loop.validates_on_training_data import ValidatesOnTrainingData
from advisor.rules.training_loop.zeroed_before_the_step import ZeroedBeforeTheStep
from advisor.rules.weight_decay.decay_insensitive import DecayInsensitive
from advisor.rules.weight_decay.decay_not_rebalanced import DecayNotRebalanced
from advisor.rules.weight_decay.decay_not_the_best import DecayNotTheBest
from advisor.rules.weight_decay.decay_too_large import DecayTooLarge
from advisor.rules.weight_decay.decay_too_small import DecayTooSmall
from advisor.rules.weight_decay.total_decay import TotalDecay

RULES: tuple[Rule, ...] = (
    # Faults of the script's training loop
    GradientsNeverZeroed(),
    AccumulationNotDivided(),
    EpochSchedulePerBatch(),
    ClippedBeforeUnscaling(),
    OptimizerBuiltTooEarly(),
    EvalNeverUndone(),
    LossCutFromGraph(),
    ValidatesOnTrainingData(),
    ZeroedBeforeTheStep(),
    EvaluatedInTrainingMode(),
    ModelMadeEachEpoch(),
    # Can it train at all?
    LossNotFinite(),
    ParametersNotTrained(),
    OneBatchNotFitted(),
    InitialLossOff(),
    InputsNotNormalised(),
    OutputActivationDoubled(),
    InputsIgnored(),
    DataNotShuffled(),
    LayersDeadOrFading(),
    NoActivationBetween(),
    UnitsStartEqual(),
    TargetsOutOfRange(),
    InputPipelineSlow(),
    OutputsBroadcast(),
    LossMisreadsOutputs(),
    ScoresCannotVary(),
    TargetsNotScaled(),
    ModesDisagree(),
    EvaluationRandom(),
    WeightsOutsideParameters(),
    OneClassForAll(),
    OneAnswerForAll(),
    HalfPrecisionWeights(),
    FutureSeen(),
    OrderNotSeen(),
    SplitsNearlyRepeat(),
    LabelsLongerThanInputs(),
    AugmentationChangesLabels(),
    ExamplesMixed(),
    SplitsScaledDifferently(),
    OutputLayerFrozen(),
    DropoutTooStrong(),
    InputGivesTargetAway(),
    PaddingInTheLoss(),
    HalfNotRead(),
    OutputDropped(),
    # Which rates are stable, and do any of them learn?
    RateNeverDiverged(),
    RateAboveStableRange(),
    BestRateAtTheEdge(),
    LossWithoutLowerBound(),
    ValidationClassesRenamed(),
    NothingLearned(),
    NoBetterThanConstant(),
    SuperConvergenceFeasible(),
    # How long?
    LimitOfTheRate(),
    RateMovesWithSize(),
    RunFarTooLong(),
    RunLongerThanNeeded(),
    RunTooShort(),
    # How large must a difference be?
    DifferenceInsideNoise(),
    # Settings
    BatchSizeNotTheBest(),
    RateNotRescaledWithBatch(),
    LargestBatchUnused(),
    BatchPastTheKnee(),
    BatchBeyondCritical(),
    AccumulationWithoutNeed(),
    RestNotRetunedWithBatch(),
    TotalDecay(),
    DecayNotTheBest(),
    DecayInsensitive(),
    DecayTooLarge(),
    DecayTooSmall(),
    DecayNotRebalanced(),
    RegularisationNotRebalanced(),
    MomentumNotTheBest(),
    MomentumNotCycled(),
    MomentumTooLarge(),
    MomentumLowAtConstantRate(),
    RateNotTheBest(),
    RateTooSmall(),
    RateInsensitive(),
    EarlyInstability(),
    GradientsNotClipped(),
    MostStepsClipped(),
    ScheduleNotOneCycle(),
    MinimumRateNotSet(),
    # Shape of the curves
    Underfitting(),
    Overfitting(),
    PlateauReached(),
    BestCheckpointNotTheLast(),
    LossOverfitsWhileAccuracyHolds(),
    LateVariance(),
    TrainingLossUnsteady(),
    GapWidens(),
    TrainingLossRises(),
    TrainingExamplesWorse(),
    FastDropThenFlat(),
    ValidationPeriodic(),
    HeldOutFarBehind(),
    CapacityTooSmall(),
    CapacityFarTooLarge(),
    # The search itself
    BestAtTheBoundary(),
    ManyInfeasibleTrials(),
    PresentSettingsAsGood(),
)
"""All rules, one per code, in the order in which their open questions are settled."""
