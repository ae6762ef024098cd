"""What data with numbered examples have in common: epochs in seeded order, a fixed subset."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch

SUBSET_SEED = 7


def spread(size: int, count: int) -> list[int]:
    """Evenly spread positions, at most ``count``, so that data sorted by class is seen as a whole."""
    count = min(size, count)
    return [i * size // count for i in range(count)]


class Indexed:
    """Everything but the making of a batch from positions."""

    size: int

    def take(self, indices: Sequence[int]) -> Any:
        """One batch of just these examples."""
        raise NotImplementedError

    def run(self, index_batches: Sequence[Any], drawn: bool) -> Iterator[Any]:
        """Batches of these positions; ``drawn`` says that they come from ``order``."""
        for indices in index_batches:
            yield self.take(indices)

    def order(self, seed: int) -> torch.Tensor:
        """Positions of one epoch."""
        return torch.randperm(self.size, generator=torch.Generator().manual_seed(seed))

    def forever(self, batch_size: int, seed: int) -> Iterator[Any]:
        """Shuffled batches, epoch after epoch, the incomplete last one left out; the order follows the seed."""
        size = min(batch_size, self.size)
        epoch = 0
        while True:
            order = self.order(seed * 100003 + epoch)
            whole = [order[i : i + size] for i in range(0, len(order) - size + 1, size)] or [order]
            yield from self.run(whole, True)
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
        """Examples among which a part can be held out."""
        return self.size
