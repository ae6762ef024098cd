"""Map-style datasets: batches made by the user's collate function, in the order that the user's sampler draws."""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, Sampler, SequentialSampler, default_collate
from torch.utils.data import Subset as TorchSubset

from advisor.records.spec import Keywords
from advisor.runtime.randomness import seeded
from advisor.task.data.batches import move
from advisor.task.data.indexed import Indexed


@dataclass(frozen=True, slots=True)
class Loading:
    """How the user's DataLoader makes batches; kept whatever the batch size.

    Attributes:
        collate: Makes a batch of a list of examples.
        workers: Loader processes.
        options: Further keywords of the DataLoader that belong to its workers.
    """

    collate: Callable[[list[Any]], Any] = default_collate
    workers: int = 0
    options: Keywords = field(default_factory=dict)

    @staticmethod
    def of(loader: "DataLoader[Any]") -> "Loading":
        """Read from a DataLoader."""
        options: Keywords = {"worker_init_fn": loader.worker_init_fn, "timeout": loader.timeout}
        if loader.num_workers:
            options["prefetch_factor"] = loader.prefetch_factor
            options["multiprocessing_context"] = loader.multiprocessing_context
        return Loading(loader.collate_fn, loader.num_workers, options)

    def alone(self) -> "Loading":
        """The same without worker processes."""
        return Loading(self.collate)

    def loader(self, dataset: Any, device: torch.device, **batches: Any) -> "DataLoader[Any]":
        """A DataLoader as the user's, with other batches (``batch_size`` or ``batch_sampler``)."""
        pinned = device.type == "cuda"
        return DataLoader(
            dataset, collate_fn=self.collate, num_workers=self.workers, pin_memory=pinned, **self.options, **batches
        )


_ENDLESS_DRAWS = 10_000_000
"""A sampler that draws more, and 100 times its data set, is one that was meant never to end."""


class DatasetData(Indexed):
    """Any map-style Dataset.

    Args:
        dataset: The user's.
        device: Where batches go.
        batch_size: Of the user's loader, or None.
        shuffled: Whether their loader shuffles; None if it does not say.
        loading: How batches are made.
        sampler: Draws indices, some perhaps more than once; None draws each once, in random order.
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
        """One collated batch of just these examples, on the device. With a sampler: of one fixed draw of it."""
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
        """Batches of these positions; ``drawn`` ones come from ``order`` and are dataset indices already."""
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
        """Two disjoint parts. With a sampler the held-out examples are single ones, and never drawn again."""

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
        """Examples among which a part can be held out."""
        return len(self.dataset)


class _Without(Sampler[int]):
    """Another sampler's indices, but for some."""

    def __init__(self, sampler: "Sampler[int]", left_out: set[int]) -> None:
        self.sampler, self.left_out = sampler, left_out
        self.generator = getattr(sampler, "generator", None)

    def __iter__(self) -> Iterator[int]:
        return (index for index in _as_seeded(self.sampler, self.generator) if int(index) not in self.left_out)


def from_loader(loader: "DataLoader[Any]", device: torch.device) -> tuple[DatasetData, str]:
    """A map-style DataLoader's data with its own sampler and loading.

    Returns:
        The data, and one sentence about the sampler if it is not one of the usual two.
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
    draw, again = _drawn(sampler, 0, total), _drawn(sampler, 1, total)
    shuffled = draw != again
    if len(set(draw)) == len(draw) and set(draw) == set(again):
        subset = dataset if len(draw) == total else TorchSubset(dataset, sorted(draw))
        said = f"{type(sampler).__name__} kept to its {len(draw)} examples" if subset is not dataset else ""
        return DatasetData(subset, device, batch_size, shuffled or None, loading), said
    said = f"{type(sampler).__name__} of the loader kept: it draws {len(draw)} examples an epoch"
    return DatasetData(dataset, device, batch_size, shuffled, loading, sampler), said


def _drawn(sampler: Any, seed: int, examples: int) -> list[int]:
    """One epoch of a sampler's indices under a seed; the user's generator is not touched.

    A sampler without a length, or with one that stands for no end, is cut at as many indices as there are examples.
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
