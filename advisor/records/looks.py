"""Preflight checks beyond losses and layers: numbers and names only, judged by the PF rules."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LossCall:
    """One call of a loss of ``torch.nn.functional`` during a training step.

    Attributes:
        function: Its name, e.g. ``cross_entropy``.
        made_by: Operation that made its input (``relu``, ``softmax``, ``log_softmax``, ``sigmoid`` or another).
        total: ``one`` where its input sums to one over the classes, ``log`` where its exponential does, else empty.
        classes: Size of the class axis; 1 where there is none.
        low: Smallest value of its input.
        high: Largest value of its input.
        target_low: Smallest target; NaN where that was not seen.
        target_high: Largest target.
    """

    function: str
    made_by: str
    total: str
    classes: int
    low: float
    high: float
    target_low: float = math.nan
    target_high: float = math.nan


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Outputs and targets that were expanded against each other over the examples.

    Attributes:
        function: The operation, e.g. ``mse_loss`` or ``sub``.
        outputs: Shape of the side with a gradient.
        targets: Shape of the other side.
    """

    function: str
    outputs: tuple[int, ...]
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NormLook:
    """One batch norm with running statistics.

    Attributes:
        name: As ``named_modules`` has it.
        uses: Number of calls in one forward pass.
        mean_apart: Between two uses, median over channels of the difference of means, in standard deviations.
        spread_apart: Between two uses, median over channels of the absolute log ratio of the variances.
        momentum: Its ``momentum``; NaN where it averages all batches.
        fresh: Whether it has not seen a batch yet.
    """

    name: str
    uses: int
    mean_apart: float
    spread_apart: float
    momentum: float
    fresh: bool


@dataclass(frozen=True, slots=True)
class Looks:
    """Results of the further checks. NaN or empty: not measured, or not present.

    Attributes:
        loss_calls: Losses that one training step called.
        broadcasts: Outputs and targets that were expanded against each other.
        ctc_impossible: Share of examples whose frames cannot hold their labels.
        linear_loss: Whether the loss is proportional to the outputs.
        norms: Batch norms.
        eval_change: Relative change of the outputs between two evaluations of the same examples.
        eval_dropout: Whether dropout is active in evaluation mode.
        outside: Names of weights that are used but are not in ``parameters()``.
        mixed: Relative change of some examples' outputs when the others of the batch are exchanged, in evaluation.
        future: Relative change of outputs for earlier tokens when later ones are changed.
        order_change: Relative change of the outputs when the tokens are permuted.
        unread: ``earlier`` or ``later`` if that half of each sequence has no effect on the output; else empty.
        window_overlap: Share of validation sequences of which at least half occurs in the training sequences.
        train_scale: Mean and standard deviation of training inputs.
        val_scale: The same of validation inputs.
        column: Index of the input column with the largest values, their root mean square, and that of a median column.
        frozen_head: Name of the last weighted layer if it is frozen while others are trained.
        dropout: Name of the module with the largest dropout probability.
        dropout_share: That probability.
        dropout_last: Name of the dropout module that makes the output; empty if none does.
        scrambled: Shape of the outputs and of the scores that a loss got, if these are a reshape where a transpose was
            needed; else empty.
        half_weights: Share of trainable weights in float16.
        random_inputs: Whether reading the same training examples twice gives different inputs.
        targets: Mean and standard deviation of real targets on a sample.
        shares: Share of each class among the targets of a sample, by class number; binary targets count as classes.
        telling: Number of an input column that gives the target away by itself, or the first of several; -1 if none.
        padding: Share of the targets of a batch of sequences that belong to padding; NaN where none was recognised.
        padding_counts: Share of the loss's gradient on the outputs that falls on that padding.
    """

    loss_calls: tuple[LossCall, ...] = ()
    broadcasts: tuple[Broadcast, ...] = ()
    ctc_impossible: float = math.nan
    linear_loss: bool = False
    norms: tuple[NormLook, ...] = ()
    eval_change: float = math.nan
    eval_dropout: bool = False
    outside: tuple[str, ...] = ()
    mixed: float = math.nan
    future: float = math.nan
    order_change: float = math.nan
    unread: str = ""
    window_overlap: float = math.nan
    train_scale: tuple[float, float] = (math.nan, math.nan)
    val_scale: tuple[float, float] = (math.nan, math.nan)
    column: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    frozen_head: str = ""
    dropout: str = ""
    dropout_share: float = 0.0
    dropout_last: str = ""
    scrambled: tuple[tuple[int, ...], ...] = ()
    half_weights: float = 0.0
    random_inputs: bool = False
    targets: tuple[float, float] = (math.nan, math.nan)
    shares: tuple[float, ...] = ()
    telling: int = -1
    padding: float = math.nan
    padding_counts: float = math.nan
