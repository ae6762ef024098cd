"""Data without indices: iterable datasets, endless ones, and ready-made batches."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import torch
from torch.utils.data import IterableDataset

from advisor.runtime.randomness import seed_everything, seeded
from advisor.task.data.batches import move
from advisor.task.data.datasets import DatasetData, Loading

ENDLESS = 50_000
"""Longer streams are treated as endless."""
_HELD_FROM_ENDLESS = 512
_LOOK_SEED = 11
_KEPT_FROM_ENDLESS = 20
_BUFFER = 2000
_COUNTING_SECONDS = 5.0


class _Rest(IterableDataset[Any]):
    """A stream without its first examples."""

    def __init__(self, dataset: Iterable[Any], skipped: int) -> None:
        self.dataset, self.skipped = dataset, skipped

    def __iter__(self) -> Iterator[Any]:
        return islice(iter(self.dataset), self.skipped, None)


class StreamData:
    """An IterableDataset: its examples are batched for any batch size, in their own order.

    Args:
        dataset: The user's dataset.
        device: Device of the batches.
        batch_size: Batch size of the user's loader, or None.
        loading: Loader options.
        size: Examples in one pass; None for an endless stream until ``epoch_of`` sets it.
        skipped: Number of held-out examples at the beginning.
    """

    shuffled: bool | None = None
    float32 = False

    def __init__(
        self,
        dataset: Any,
        device: torch.device,
        batch_size: int | None,
        loading: Loading,
        size: int | None,
        skipped: int = 0,
    ) -> None:
        self.dataset, self.device, self.batch_size, self.loading = dataset, device, batch_size, loading
        self.endless, self.size, self.skipped = size is None, (size or ENDLESS) - skipped, skipped
        self._examples: list[Any] = []

    def take(self, indices: Sequence[int]) -> Any:
        """One batch of examples from the beginning of a fixed pass; indices beyond the buffer wrap around."""
        held = self._buffer(max(int(index) for index in indices) + 1)
        return move(
            self.loading.collate([held[int(index) % len(held)] for index in indices]), self.device, self.float32
        )

    def forever(self, batch_size: int, seed: int) -> Iterator[Any]:
        """Batches in the stream's own order, pass after pass, without incomplete last batches."""
        seed_everything(seed)
        source, loading = self._source()
        while True:
            loader = loading.loader(source, self.device, batch_size=min(batch_size, self.size), drop_last=True)
            for batch in loader:
                yield move(batch, self.device, self.float32)

    def subset_batches(self, examples: int, chunk: int) -> Iterator[tuple[Any, int]]:
        """Batches and their sizes over the first examples of a fixed pass."""
        held = self._buffer(examples)[:examples]
        for start in range(0, len(held), chunk):
            part = held[start : start + chunk]
            yield move(self.loading.collate(part), self.device, self.float32), len(part)

    def held_out(self) -> tuple[DatasetData, "StreamData"]:
        """The first tenth (for an endless stream the first 512) in memory, and the stream without it."""
        count = _HELD_FROM_ENDLESS if self.endless else max(1, self.size // 10)
        held = self.materialised(count)
        size = None if self.endless else self.size
        rest = StreamData(self.dataset, self.device, self.batch_size, self.loading, size, held.size)
        return held, rest

    def materialised(self, most: int) -> DatasetData:
        """The first examples as indexed data, for validation."""
        with seeded(_LOOK_SEED):
            examples = list(islice(iter(self.dataset), most))
        return DatasetData(examples, self.device, self.batch_size, None, Loading(self.loading.collate))

    def epoch_of(self, examples: int) -> None:
        """Sets the number of examples that count as one epoch of an endless stream."""
        self.size = examples

    def _buffer(self, count: int) -> list[Any]:
        count = min(count, self.size, _BUFFER)
        if len(self._examples) < count:
            with seeded(_LOOK_SEED):
                self._examples = list(islice(iter(self._source()[0]), count))
        return self._examples

    def _source(self) -> tuple[Any, Loading]:
        if not self.skipped:
            return self.dataset, self.loading
        return _Rest(self.dataset, self.skipped), self.loading.alone()


class BatchData:
    """Ready-made batches: each counts as one example, and a larger step accumulates several.

    Args:
        opened: Returns a fresh iterable of batches.
        device: Device of the batches.
        size: Batches in one pass, or None if endless.
        skipped: Number of held-out batches at the beginning.
    """

    shuffled: bool | None = None
    float32 = False
    batch_size: int | None = 1

    def __init__(
        self, opened: Callable[[], Iterable[Any]], device: torch.device, size: int | None, skipped: int = 0
    ) -> None:
        self.opened, self.device, self.skipped = opened, device, skipped
        self.endless, self.size = size is None, (size or ENDLESS) - skipped
        self._batches: list[Any] = []

    def take(self, indices: Sequence[int]) -> Any:
        """The batch of the first index; batches cannot be joined."""
        held = self._buffer(1 + int(indices[0]))
        return move(held[int(indices[0]) % len(held)], self.device, self.float32)

    def forever(self, batch_size: int, seed: int) -> Iterator[Any]:
        """The batches as they come, pass after pass."""
        seed_everything(seed)
        while True:
            for batch in islice(iter(self.opened()), self.skipped, None):
                yield move(batch, self.device, self.float32)

    def subset_batches(self, examples: int, chunk: int) -> Iterator[tuple[Any, int]]:
        """The first batches of a fixed pass."""
        for batch in self._buffer(examples)[:examples]:
            yield move(batch, self.device, self.float32), 1

    def held_out(self) -> tuple["BatchData", "BatchData"]:
        """The first tenth of the batches (for endless ones the first 20), and the rest."""
        count = _KEPT_FROM_ENDLESS if self.endless else max(1, self.size // 10)
        held = self._buffer(count)[:count]
        rest = BatchData(self.opened, self.device, None if self.endless else self.size, len(held))
        return BatchData(lambda: held, self.device, len(held)), rest

    def materialised(self, most: int) -> "BatchData":
        """The first batches, cached for validation; only a few for endless ones."""
        most = min(most, _KEPT_FROM_ENDLESS) if self.endless else most
        held = self._buffer(most)[:most]
        return BatchData(lambda: held, self.device, len(held))

    def epoch_of(self, examples: int) -> None:
        """Sets the number of batches that count as one epoch of an endless source."""
        self.size = examples

    def _buffer(self, count: int) -> list[Any]:
        count = min(count, self.size)
        if len(self._batches) < count:
            with seeded(_LOOK_SEED):
                self._batches = list(islice(iter(self.opened()), self.skipped, self.skipped + count))
        return self._batches


def passed_once(items: Iterable[Any]) -> int | None:
    """Number of items in one pass: their length, or counted; None if it does not end in reasonable time."""
    try:
        return len(items)  # type: ignore[arg-type]
    except (TypeError, NotImplementedError):
        pass
    late = time.monotonic() + _COUNTING_SECONDS
    count = -1
    with seeded(_LOOK_SEED):
        for count, _ in enumerate(items):
            if count >= ENDLESS or time.monotonic() > late:
                return None
        return count + 1
