"""Learning-rate range tests and the bracket that they give."""

from __future__ import annotations

from advisor.schema.base import Column, Number, Part


class RangeTest(Part, frozen=True, kw_only=True):
    """One learning-rate range test.

    Attributes:
        id: Key of the probe.
        seed: Random seed.
        lr: Learning rate at each recorded step.
        train_loss: Training loss there.
        smoothed: The same, smoothed.
        val_lr: Learning rate at each evaluation.
        val_loss: Validation loss there.
        ceiling: Largest rate before training diverges.
        best_lr: Rate with the lowest smoothed loss.
        diverged: Whether training diverged.
    """

    id: str
    seed: int
    lr: tuple[float, ...]
    train_loss: Column
    smoothed: Column
    val_lr: tuple[float, ...] = ()
    val_loss: Column = ()
    ceiling: Number = None
    best_lr: Number = None
    diverged: bool = False

    def __post_init__(self) -> None:
        self.require_equal_lengths("lr", "train_loss", "smoothed")
        self.require_equal_lengths("val_lr", "val_loss")


class Bracket(Part, frozen=True, kw_only=True):
    """The range of learning rates to search, from all range tests together.

    Attributes:
        low: Rate at which the loss begins to fall.
        high: Rate at which training diverges.
        ceiling: Interval of the divergence rate.
    """

    low: Number
    high: Number
    ceiling: tuple[Number, Number] | None = None
