"""The examples that need most memory, together in one batch: the worst case where examples differ in length."""

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
    """Sizes of examples in numbers that their tensors hold, of as many as a second shows.

    Attributes:
        order: Positions of the examples that were measured, largest first.
        least: Size of the smallest.
        most: Size of the largest.
    """

    order: tuple[int, ...]
    least: int
    most: int

    @property
    def differ(self) -> bool:
        """Whether any two examples are of different size."""
        return self.least < self.most


def measure_lengths(data: Data) -> Lengths:
    """Measures random examples one by one, each as the batch of one that the user's collate function makes of it."""
    if isinstance(data, BatchData) or hasattr(data, "tensors"):
        return Lengths((), 1, 1)  # Batches as they come, and rows of tensors, have one size.
    positions = torch.randperm(data.size, generator=torch.Generator().manual_seed(SUBSET_SEED))[:_MOST].tolist()
    sizes: dict[int, int] = {}
    until = time.monotonic() + _SECONDS
    with seeded(SUBSET_SEED):
        for position in positions:
            try:
                sizes[position] = sum(tensor.numel() for tensor in tensors_in(data.take([position])))
            except Exception:  # What a batch of one does not allow, the probes need not either.
                break
            if time.monotonic() > until:
                break
    if not sizes:
        return Lengths((), 1, 1)
    order = tuple(sorted(sizes, key=lambda position: -sizes[position]))
    return Lengths(order, sizes[order[-1]], sizes[order[0]])


class Longest:
    """Other data, of which every batch holds its largest examples; more than were measured repeat them.

    Args:
        data: The data.
        lengths: Of its examples.
    """

    shuffled: bool | None = None

    def __init__(self, data: Data, lengths: Lengths) -> None:
        self.data, self.lengths = data, lengths
        self.size, self.batch_size, self.float32 = data.size, data.batch_size, data.float32

    def take(self, indices: Sequence[int]) -> Any:
        """One batch of just these examples, numbered as in the data."""
        return self.data.take(indices)

    def forever(self, batch_size: int, seed: int) -> Iterator[Any]:
        """The batch of the largest examples, again and again."""
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
