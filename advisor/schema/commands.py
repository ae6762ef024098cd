"""The JSON of ``advisor init`` and ``advisor train``."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Number, Part


class InitReport(Part, frozen=True, kw_only=True):
    """What ``advisor init`` wrote.

    Attributes:
        schema: Number of this form.
        script: The training script.
        file: The file that was written.
        ran: Whether the script was run; else its text was read.
        read_because: Why its text was read, and what to do about that; empty if it was run.
        found: What was found, in sentences, faults of the loop included.
        offers: Names of the contract that the file defines.
        fills: Its lines that only you can fill in.
        next: The command that goes on.
    """

    schema: Literal[1] = 1
    script: str
    file: str
    ran: bool
    read_because: tuple[str, ...] = ()
    found: tuple[str, ...]
    offers: tuple[str, ...]
    fills: tuple[str, ...] = ()
    next: str


class TrainReport(Part, frozen=True, kw_only=True):
    """How ``advisor train`` ended.

    Attributes:
        schema: Number of this form.
        folder: Where checkpoints and logs lie.
        best_checkpoint: The checkpoint with the lowest validation loss; null if no epoch ended.
        epochs: Epochs finished.
        best_epoch: The one with the lowest validation loss; 0 if none ended.
        best_loss: That loss.
        last_loss: The last one.
        metric: Metric of the best epoch.
        metric_name: Its name; empty if there is none.
        diverged: Whether the loss left the finite range.
    """

    schema: Literal[1] = 1
    folder: str
    best_checkpoint: str | None
    epochs: int
    best_epoch: int
    best_loss: Number
    last_loss: Number
    metric: Number = None
    metric_name: str = ""
    diverged: bool
