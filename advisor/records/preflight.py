"""Preflight measurements on the untrained model: numbers only, judged by the PF rules. No torch here."""

import math
from dataclasses import dataclass, field

from advisor.records.looks import Looks


@dataclass(frozen=True, slots=True)
class LayerLook:
    """One activation or weighted layer of the untrained model, in forward order.

    Attributes:
        name: As ``named_modules`` has it.
        kind: Class of the module.
        dead: Share of its units that are zero for every example; NaN for layers other than ReLUs.
        saturated: Share of its outputs at a bound; NaN for unbounded activations.
        gradient: Gradient over weight, both as root mean squares; NaN for a layer without weights.
        alike: Whether all its units have the same weights.
        varies: Standard deviation of a weighted layer's outputs between examples; NaN for others, and for weights that
            are all zero.
        carries: Whether its outputs carry a gradient; those of a moving-average copy of the model do not.
    """

    name: str
    kind: str
    dead: float
    saturated: float
    gradient: float
    alike: bool = False
    varies: float = math.nan
    carries: bool = True


@dataclass(frozen=True, slots=True)
class TargetLook:
    """The targets of a sample of training examples.

    Attributes:
        examples: Size of the sample.
        distinct: Number of distinct values.
        low: Smallest target.
        high: Largest target.
        output_low: Lower bound of the model's output; NaN if unbounded or unknown.
        output_high: Upper bound of the model's output; NaN if unbounded or unknown.
        outside: Share of (real-valued) targets outside these bounds.
    """

    examples: int
    distinct: int
    low: float
    high: float
    output_low: float
    output_high: float
    outside: float


@dataclass(frozen=True, slots=True)
class PreflightResult:
    """Measurements before any probe.

    Attributes:
        parameters: Number of weights.
        trainable: Those that require a gradient.
        optimised: Trainable weights that the optimizer holds.
        without_gradient: Names of trainable parameters whose gradient from one batch was None or zero.
        not_optimised: Names of trainable parameters outside ``param_groups``.
        targets: ``classes``, ``real`` or ``other``.
        classes: Number of classes, or None.
        initial_loss: Loss of the untrained model, mean over a few batches.
        expected_loss: Loss of an uninformed prediction (equal classes; the targets' mean), or NaN.
        baseline_loss: Validation loss of the best constant prediction, or NaN.
        gradient_finite: Whether loss and every gradient of the first batch were finite.
        batch_start: Loss on one small batch before training on it alone.
        batch_end: Loss after training on it.
        batch_steps: Steps of that training; 0 if it was not tried.
        batch_lr: Learning rate that reached the lowest loss.
        input_mean: Mean of floating inputs; NaN for tokens.
        input_std: Their standard deviation.
        input_range: Smallest and largest input.
        output_kind: ``logits``, ``probabilities``, ``log_probabilities`` or ``unknown``.
        doubled_activation: Name of the output activation that the loss applies again; empty if none.
        input_sensitivity: Change of the outputs when inputs are shuffled over the batch, relative to their size.
        first_labels: Number of distinct labels among the first examples in file order, and the number of examples read.
        overlap: Share of validation examples that are also training examples; NaN if not comparable.
        shuffled: Whether the user's own loader shuffles; None if unknown.
        train_examples: Examples that all measurements cost.
        layers: One record for each activation and weighted layer; empty if there was no gradient.
        target_look: The targets of a sample, or None.
        linear_pairs: Consecutive weighted layers without a nonlinearity between them.
        tensors: Number of trainable parameter tensors; 0 in records of earlier versions.
        looks: Further checks.
    """

    parameters: int
    trainable: int
    optimised: int
    without_gradient: tuple[str, ...]
    not_optimised: tuple[str, ...]
    targets: str
    classes: int | None
    initial_loss: float
    expected_loss: float
    baseline_loss: float
    gradient_finite: bool
    batch_start: float
    batch_end: float
    batch_steps: int
    batch_lr: float
    input_mean: float
    input_std: float
    input_range: tuple[float, float]
    output_kind: str
    doubled_activation: str
    input_sensitivity: float
    first_labels: tuple[int, int]
    overlap: float
    shuffled: bool | None
    train_examples: int
    layers: tuple[LayerLook, ...] = ()
    target_look: TargetLook | None = None
    linear_pairs: tuple[tuple[str, str], ...] = ()
    tensors: int = 0
    looks: Looks = field(default_factory=Looks)
