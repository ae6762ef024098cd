"""The largest examples in one batch: the worst case for memory if lengths differ."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from advisor.runtime.randomness import seeded
from advisor.task.data.batches import tensors_in
from advisor.task.data.data import Data
from advisor.task.data.indexed import SUBSET_SEED
from advisor.task.data.streams import BatchData

_SECONDS = 1.0
_MOST = 4096


@dataclass(frozen=True, slots=True)
class Lengths:
    """Sizes of examples (total number of elements), of as many as can be measured in a second.

    Attributes:
        order: Positions of the measured examples, largest first.
        least: Size of the smallest.
        most: Size of the largest.
    """

    order: tuple[int, ...]
    least: int
    most: int

    @property
    def differ(self) -> bool:
        """Whether sizes differ."""
        return self.least < self.most


def measure_lengths(data: Data) -> Lengths:
    """Measures random examples one by one, each collated as a batch of one."""
    if isinstance(data, BatchData) or hasattr(data, "tensors"):
        return Lengths((), 1, 1)  # Ready-made batches and rows of tensors have one size.
    positions = torch.randperm(data.size, generator=torch.Generator().manual_seed(SUBSET_SEED))[:_MOST].tolist()
    sizes: dict[int, int] = {}
    until = time.monotonic() + _SECONDS
    with seeded(SUBSET_SEED):
        for position in positions:
            try:
                sizes[position] = sum(tensor.numel() for tensor in tensors_in(data.take([position])))
            except Exception:  # Collating a single example may fail, and probes do not need it.
                break
            if time.monotonic() > until:
                break
    if not sizes:
        return Lengths((), 1, 1)
    order = tuple(sorted(sizes, key=lambda position: -sizes[position]))
    return Lengths(order, sizes[order[-1]], sizes[order[0]])


class Longest:
    """A view of data in which every batch consists of the largest examples, repeated if necessary.

    Args:
        data: The data.
        lengths: Lengths of its examples.
    """

    shuffled: bool | None = None

    def __init__(self, data: Data, lengths: Lengths) -> None:
        self.data, self.lengths = data, lengths
        self.size, self.batch_size, self.float32 = data.size, data.batch_size, data.float32

    def take(self, indices: Sequence[int]) -> Any:
        """One batch of the given examples, numbered as in the data."""
        return self.data.take(indices)

    def forever(self, batch_size: int, seed: int) -> Iterator[Any]:
        """Repeats the batch of the largest examples."""
        while True:
            yield self._largest(batch_size)

    def subset_batches(self, examples: int, chunk: int) -> Iterator[tuple[Any, int]]:
        """Batches of the largest examples, ``examples`` in all."""
        for start in range(0, examples, chunk):
            count = min(chunk, examples - start)
            yield self._largest(count), count

    def _largest(self, count: int) -> Any:
        order = self.lengths.order
        return self.data.take([order[index % len(order)] for index in range(count)])
