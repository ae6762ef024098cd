"""The JSON of ``advisor init`` and ``advisor train``."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Number, Part


class InitReport(Part, frozen=True, kw_only=True):
    """The task file that ``advisor init`` wrote.

    Attributes:
        schema: Schema version.
        script: The training script.
        file: The file that was written.
        ran: Whether the script was run; otherwise its source was read.
        read_because: Why its source was read, and how to change that; empty if it was run.
        found: What was found, in sentences, faults of the loop included.
        offers: Contract names that the file defines.
        fills: Lines of the file that only you can fill in.
        next: The next command.
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
    """The outcome of ``advisor train``.

    Attributes:
        schema: Schema version.
        folder: Folder of checkpoints and logs.
        best_checkpoint: The checkpoint with the lowest validation loss; null if no epoch ended.
        epochs: Epochs finished.
        best_epoch: The one with the lowest validation loss; 0 if none ended.
        best_loss: That loss.
        last_loss: Validation loss of the last epoch.
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
