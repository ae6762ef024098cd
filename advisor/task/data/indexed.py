"""Base class of indexed data: epochs in seeded order, a fixed subset."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

SUBSET_SEED = 7


def spread(size: int, count: int) -> list[int]:
    """At most ``count`` evenly spaced positions, so that data sorted by class are covered."""
    count = min(size, count)
    return [i * size // count for i in range(count)]


class Indexed:
    """Everything except creating a batch from positions."""

    size: int

    def take(self, indices: Sequence[int]) -> Any:
        """One batch of the given examples."""
        raise NotImplementedError

    def run(self, index_batches: Sequence[Any], drawn: bool) -> Iterator[Any]:
        """Batches of these positions; ``drawn`` marks positions from ``order``."""
        for indices in index_batches:
            yield self.take(indices)

    def order(self, seed: int) -> torch.Tensor:
        """Positions of one epoch."""
        return torch.randperm(self.size, generator=torch.Generator().manual_seed(seed))

    def forever(
        self, batch_size: int, seed: int, rows: Callable[[torch.Tensor], torch.Tensor] | None = None
    ) -> Iterator[Any]:
        """Shuffled batches, epoch after epoch, without incomplete last batches; the order depends on the seed.

        Args:
            batch_size: Examples of a batch.
            seed: Seed of the order.
            rows: Chooses the positions of each batch that are read; all if None.
        """
        size = min(batch_size, self.size)
        epoch = 0
        while True:
            order = self.order(seed * 100003 + epoch)
            whole = [order[i : i + size] for i in range(0, len(order) - size + 1, size)] or [order]
            yield from self.run(whole if rows is None else [rows(positions) for positions in whole], True)
            epoch += 1

    def subset_batches(self, examples: int, chunk: int) -> Iterator[tuple[Any, int]]:
        """Batches and their sizes over a fixed subset of ``examples``."""
        order = torch.arange(self.size)
        if examples < self.size:
            generator = torch.Generator().manual_seed(SUBSET_SEED)
            order = torch.randperm(self.size, generator=generator)[:examples].sort().values
        chunks = [order[i : i + chunk] for i in range(0, len(order), chunk)]
        for indices, batch in zip(chunks, self.run(chunks, False), strict=True):
            yield batch, len(indices)

    @property
    def splittable(self) -> int:
        """Number of examples that can be split."""
        return self.size
