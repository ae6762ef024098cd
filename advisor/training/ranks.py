"""Training with several processes: which part of a step is this one's, and what they agree on.

The loop (``advisor.training.trainer``) is the same for one process and for several: it asks one of the objects here.
Several processes train with torch's DistributedDataParallel: gloo on CPUs, nccl on CUDA devices.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.distributed import distributed_c10d
from torch.nn.parallel.distributed import DistributedDataParallel

from advisor.records.trace import StopReason
from advisor.runtime.randomness import seed_everything
from advisor.task.data.batches import cut, rows_in
from advisor.task.data.indexed import Indexed
from advisor.task.data.streams import BatchData

if TYPE_CHECKING:
    from advisor.task.data.data import Data
    from advisor.task.task import Task

_PATIENCE = timedelta(days=7)
"""The time limits of workers decide what hangs, not those of torch."""
_SEED_APART = 1_000_003
_REASONS = tuple(StopReason)


@dataclass(frozen=True, slots=True)
class Share:
    """The part of each step that one process computes.

    Attributes:
        batches: Its part of each piece of a step.
        pieces: Forward passes whose gradients are accumulated for one step.
        weight: Factor of each loss, so that the mean over the processes is the mean over the whole batch.
    """

    batches: Iterator[Any]
    pieces: int
    weight: float = 1.0


class Alone:
    """One process computes every step as a whole.

    Attributes:
        leads: Whether this process evaluates and reports.
    """

    leads = True

    def share(self, train: "Data", size: int, seed: int, pieces: int = 1) -> Share:
        """The part of a step that is this process's.

        Args:
            train: The training data.
            size: Examples of one piece, over all processes.
            seed: Seed of the order.
            pieces: Accumulated pieces of a step, over all processes.
        """
        return Share(train.forever(size, seed), pieces)

    def loss_of(self, task: "Task", model: nn.Module, seed: int) -> Callable[[Any], torch.Tensor]:
        """``loss(batch)`` of the model; its gradients are those of all processes."""
        return partial(task.loss, model)

    def synced(self, last: bool) -> AbstractContextManager[None]:
        """Gradients of a backward pass inside are exchanged only if it is the ``last`` one of its step."""
        return nullcontext()

    def apart(self) -> AbstractContextManager[None]:
        """What this process does inside, the others do not."""
        return nullcontext()

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean over all processes."""
        return values

    def told(self, reason: StopReason | None) -> StopReason | None:
        """What the first process found, in all of them."""
        return reason


ALONE = Alone()


class _Whole(nn.Module):
    """From a batch to its loss: what DistributedDataParallel wraps, whatever calls the model in between."""

    def __init__(self, task: "Task", model: nn.Module) -> None:
        super().__init__()
        self.model, self.task = model, task

    def forward(self, batch: Any) -> torch.Tensor:
        return self.task.loss(self.model, batch)


class Ranks(Alone):
    """Several processes share each step: rows are split in order, the first processes take one more if need be.

    Known limits: what draws at random for each example (dropout, augmentation) differs between numbers of processes,
    and batch normalisation takes its statistics from the rows of one process, as in any training of this kind.

    Args:
        group: The process group.
        own: The default group that user code made for itself, or None.
        rank: Number of this process, from 0.
        size: Number of processes.
        device: The device of this process.
    """

    def __init__(self, group: Any, own: Any, rank: int, size: int, device: torch.device) -> None:
        self.group, self.own, self.rank, self.size, self.device = group, own, rank, size, device
        self.leads = rank == 0
        self._wrapped: DistributedDataParallel | None = None

    def share(self, train: "Data", size: int, seed: int, pieces: int = 1) -> Share:
        """Its rows of each piece; of ready-made batches whole ones, if there are enough of them for all processes."""
        if isinstance(train, BatchData) and pieces % self.size == 0:
            each = pieces // self.size
            drawn = enumerate(train.forever(size, seed))
            return Share((batch for i, batch in drawn if i % pieces // each == self.rank), each)
        start, end = self._bounds(rows := min(size, train.size))
        weight = self.size * (end - start) / rows
        if isinstance(train, Indexed):
            return Share(train.forever(size, seed, self._indices), pieces, weight)
        weight = 1.0 if isinstance(train, BatchData) else weight  # Of ready-made batches the rows are not known here.
        return Share(map(self._rows, train.forever(size, seed)), pieces, weight)

    def loss_of(self, task: "Task", model: nn.Module, seed: int) -> Callable[[Any], torch.Tensor]:
        """``loss(batch)`` under DistributedDataParallel; random draws of the first process are those of one alone."""
        self._wrapped = DistributedDataParallel(
            _Whole(task, model), process_group=self.group, find_unused_parameters=True
        )
        if self.rank:
            seed_everything(seed + _SEED_APART * self.rank)
        return self._wrapped

    def synced(self, last: bool) -> AbstractContextManager[None]:
        """Gradients are exchanged once a step."""
        assert self._wrapped is not None
        return nullcontext() if last else self._wrapped.no_sync()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Inside, user code that exchanges tensors does so with itself alone."""
        distributed_c10d._update_default_pg(self.own)
        try:
            yield
        finally:
            distributed_c10d._update_default_pg(self.group)

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean over all processes, the same number in each."""
        total = values.to(self.device, copy=True)
        distributed_c10d.all_reduce(total, group=self.group)
        return total / self.size

    def told(self, reason: StopReason | None) -> StopReason | None:
        """What the first process found, in all of them."""
        number = torch.tensor([-1 if reason is None else _REASONS.index(reason)], device=self.device)
        distributed_c10d.broadcast(number, 0, group=self.group)
        found = int(number.item())
        return None if found < 0 else _REASONS[found]

    def leave(self) -> None:
        """Closes the connections, which the other processes notice if they still wait for this one.

        The group goes last, and from here: torch then releases the interpreter's lock, for which the group's threads
        may wait. As a part of DistributedDataParallel it would keep the lock, and both would wait forever.
        """
        if self._wrapped is not None:
            vars(self._wrapped).clear()  # It is part of cycles, which would hold the group until they are collected.
        self._wrapped = None
        distributed_c10d.destroy_process_group(self.group)
        self.group = None

    def _bounds(self, rows: int) -> tuple[int, int]:
        """First and last row of this process."""
        each, more = divmod(rows, self.size)
        start = self.rank * each + min(self.rank, more)
        return start, start + each + (self.rank < more)

    def _indices(self, indices: torch.Tensor) -> torch.Tensor:
        start, end = self._bounds(len(indices))
        return indices[start:end] if end > start else indices[-1:]  # A step of weight 0 still takes part in it.

    def _rows(self, batch: Any) -> Any:
        rows = rows_in(batch)
        if rows is None or rows < self.size:
            raise ValueError(f"a batch that cannot be divided among {self.size} processes")
        start, end = self._bounds(rows)
        return cut(batch, start, end)


@contextmanager
def joined(store: Path, rank: int, size: int, device: torch.device) -> Iterator[Ranks]:
    """Joins the processes of one training; they find each other by a file.

    A default process group that user code made before is put aside, and is there again afterwards.

    Args:
        store: The file; each training has its own.
        rank: Number of this process, from 0.
        size: Number of processes.
        device: The device of this process.
    """
    own = distributed_c10d.GroupMember.WORLD
    distributed_c10d._update_default_pg(None)
    ranks = None
    try:
        distributed_c10d.init_process_group(
            "nccl" if device.type == "cuda" else "gloo",
            store=torch.distributed.FileStore(str(store), size),  # type: ignore[attr-defined]
            rank=rank,
            world_size=size,
            timeout=_PATIENCE,
        )
        ranks = Ranks(distributed_c10d.GroupMember.WORLD, own, rank, size, device)
        yield ranks
    finally:
        distributed_c10d._update_default_pg(own)
        if ranks is not None:
            ranks.leave()
