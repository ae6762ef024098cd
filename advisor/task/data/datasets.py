"""Map-style datasets: batches from the user's collate function, in the order of the user's sampler."""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, Sampler, SequentialSampler, default_collate
from torch.utils.data import Subset as TorchSubset
from torch.utils.data.distributed import DistributedSampler

from advisor.records.spec import Keywords
from advisor.runtime.randomness import seeded
from advisor.task.data.batches import move
from advisor.task.data.indexed import Indexed


@dataclass(frozen=True, slots=True)
class Loading:
    """The user's DataLoader options, kept for any batch size.

    Attributes:
        collate: Collate function.
        workers: Number of loader processes.
        options: Further DataLoader keywords for its workers.
    """

    collate: Callable[[list[Any]], Any] = default_collate
    workers: int = 0
    options: Keywords = field(default_factory=dict)

    @staticmethod
    def of(loader: "DataLoader[Any]") -> "Loading":
        """Extracts the options from a DataLoader."""
        options: Keywords = {"worker_init_fn": loader.worker_init_fn, "timeout": loader.timeout}
        if loader.num_workers:
            options["prefetch_factor"] = loader.prefetch_factor
            options["multiprocessing_context"] = loader.multiprocessing_context
        return Loading(loader.collate_fn, loader.num_workers, options)

    def alone(self) -> "Loading":
        """The same options without worker processes."""
        return Loading(self.collate)

    def loader(self, dataset: Any, device: torch.device, **batches: Any) -> "DataLoader[Any]":
        """A DataLoader with the user's options and other batches (``batch_size`` or ``batch_sampler``)."""
        pinned = device.type == "cuda"
        return DataLoader(
            dataset, collate_fn=self.collate, num_workers=self.workers, pin_memory=pinned, **self.options, **batches
        )


_ENDLESS_DRAWS = 10_000_000
"""A sampler that draws more than this, and 100 times its data set, counts as endless."""


class DatasetData(Indexed):
    """Any map-style Dataset.

    Args:
        dataset: The user's dataset.
        device: Device of the batches.
        batch_size: Batch size of the user's loader, or None.
        shuffled: Whether the loader shuffles; None if unknown.
        loading: Loader options.
        sampler: Draws indices, possibly repeatedly; None draws each once, in random order.
    """

    float32 = False

    def __init__(
        self,
        dataset: Any,
        device: torch.device,
        batch_size: int | None,
        shuffled: bool | None,
        loading: Loading | None = None,
        sampler: "Sampler[int] | None" = None,
    ) -> None:
        self.dataset, self.device, self.batch_size, self.shuffled = dataset, device, batch_size, shuffled
        self.loading, self.sampler = loading or Loading(), sampler
        self._draw = None if sampler is None else _drawn(sampler, 0, len(dataset))
        self.size = len(dataset) if self._draw is None else len(self._draw)

    def take(self, indices: Sequence[int]) -> Any:
        """One collated batch of the given examples, on the device. With a sampler: positions in one fixed draw."""
        chosen = [int(index) for index in indices]
        if self._draw is not None:
            chosen = [self._draw[index] for index in chosen]
        return move(self.loading.collate([self.dataset[index] for index in chosen]), self.device, self.float32)

    def order(self, seed: int) -> torch.Tensor:
        """Positions of one epoch: a permutation, or a fresh draw of the sampler."""
        if self.sampler is None:
            return super().order(seed)
        return torch.as_tensor(_drawn(self.sampler, seed, len(self.dataset)))

    def run(self, index_batches: Sequence[torch.Tensor], drawn: bool) -> Iterator[Any]:
        """Batches of these positions; if ``drawn``, they come from ``order`` and are dataset indices already."""
        plain: Iterator[list[int]] = (indices.tolist() for indices in index_batches)
        draw = self._draw
        if draw is not None and not drawn:
            plain = ([draw[index] for index in indices] for indices in plain)
        if self.loading.workers == 0:
            for chosen in plain:
                yield move(self.loading.collate([self.dataset[index] for index in chosen]), self.device, self.float32)
            return
        for batch in self.loading.loader(self.dataset, self.device, batch_sampler=plain):
            yield move(batch, self.device, self.float32)

    def split(self, held_out: Sequence[int], rest: Sequence[int]) -> tuple["DatasetData", "DatasetData"]:
        """Two disjoint parts. With a sampler, held-out examples are unique and never drawn for training."""

        def part(indices: Sequence[int]) -> DatasetData:
            subset = TorchSubset(self.dataset, [int(index) for index in indices])
            return DatasetData(subset, self.device, self.batch_size, self.shuffled, self.loading)

        if self.sampler is None:
            return part(held_out), part(rest)
        wanted = {int(index) for index in held_out}
        kept = DatasetData(
            self.dataset, self.device, self.batch_size, self.shuffled, self.loading, _Without(self.sampler, wanted)
        )
        return part(held_out), kept

    @property
    def splittable(self) -> int:
        """Number of examples that can be split."""
        return len(self.dataset)


class _Without(Sampler[int]):
    """Another sampler's indices, without some."""

    def __init__(self, sampler: "Sampler[int]", left_out: set[int]) -> None:
        self.sampler, self.left_out = sampler, left_out
        self.generator = getattr(sampler, "generator", None)

    def __iter__(self) -> Iterator[int]:
        return (index for index in _as_seeded(self.sampler, self.generator) if int(index) not in self.left_out)


def from_loader(loader: "DataLoader[Any]", device: torch.device) -> tuple[DatasetData, str]:
    """A map-style DataLoader's data with its own sampler and loading.

    Returns:
        The data, and one sentence about the sampler if it is neither random nor sequential.
    """
    loading = Loading.of(loader)
    sampler: Any = loader.sampler
    dataset: Any = loader.dataset
    total = len(dataset)
    batch_size = loader.batch_size
    if batch_size is None and type(loader.batch_sampler) is BatchSampler:
        batch_size, sampler = loader.batch_sampler.batch_size, loader.batch_sampler.sampler
    if isinstance(sampler, RandomSampler) and not sampler.replacement and sampler.num_samples == total:
        return DatasetData(dataset, device, batch_size, True, loading), ""
    if isinstance(sampler, SequentialSampler):
        return DatasetData(dataset, device, batch_size, False, loading), ""
    if isinstance(sampler, DistributedSampler):
        said = f"the {total} examples that DistributedSampler divides among processes"
        return DatasetData(dataset, device, batch_size, bool(sampler.shuffle), loading), said
    draw, again = _drawn(sampler, 0, total), _drawn(sampler, 1, total)
    shuffled = draw != again
    if len(set(draw)) == len(draw) and set(draw) == set(again):
        subset = dataset if len(draw) == total else TorchSubset(dataset, sorted(draw))
        said = f"{type(sampler).__name__} restricted to its {len(draw)} examples" if subset is not dataset else ""
        return DatasetData(subset, device, batch_size, shuffled or None, loading), said
    said = f"{type(sampler).__name__} of the loader kept: it draws {len(draw)} examples per epoch"
    return DatasetData(dataset, device, batch_size, shuffled, loading, sampler), said


def _drawn(sampler: Any, seed: int, examples: int) -> list[int]:
    """One epoch of a sampler's indices under a seed; the user's generator is not changed.

    Samplers without a length, or endless ones, are cut after as many indices as there are examples.
    """
    counted = sampler.sampler if isinstance(sampler, _Without) else sampler
    limit = len(counted) if hasattr(counted, "__len__") else examples
    if limit > max(_ENDLESS_DRAWS, 100 * examples):
        limit = examples
    generator = getattr(sampler, "generator", None)
    with seeded(seed):
        fresh = torch.Generator().manual_seed(seed) if isinstance(generator, torch.Generator) else None
        return [int(index) for index in islice(_as_seeded(sampler, fresh), limit)]


def _as_seeded(sampler: Any, generator: torch.Generator | None) -> Any:
    if generator is None:
        return sampler
    own = copy.copy(sampler)
    own.generator = generator
    return own
