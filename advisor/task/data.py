"""The user's data in any of the accepted forms, behind one face: size, batches, a fixed subset."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    TensorDataset,
    default_collate,
)
from torch.utils.data import Subset as TorchSubset

from advisor.errors import ContractError

_ON_DEVICE_LIMIT = 2 * 2**30
_SUBSET_SEED = 7
_GATHERED = 8


class Data(Protocol):
    """Data that probes train on or evaluate."""

    size: int
    batch_size: int | None
    shuffled: bool | None

    def forever(self, batch_size: int, seed: int) -> Iterator[Any]:
        """Shuffled batches, epoch after epoch, the incomplete last one left out; the order follows the seed."""

    def subset_batches(self, examples: int, chunk: int) -> Iterator[tuple[Any, int]]:
        """Batches and their sizes over a fixed subset of ``examples``."""

    def take(self, indices: Sequence[int]) -> Any:
        """One batch of just these examples."""

    def split(self, held_out: Sequence[int], rest: Sequence[int]) -> tuple["Data", "Data"]:
        """Two disjoint parts."""


class _Indexed:
    """Shared by both kinds: everything but the making of a batch from indices."""

    size: int

    def take(self, indices: Sequence[int]) -> Any:
        raise NotImplementedError

    def _run(self, index_batches: Sequence[Any]) -> Iterator[Any]:
        for indices in index_batches:
            yield self.take(indices)

    def forever(self, batch_size: int, seed: int) -> Iterator[Any]:
        size = min(batch_size, self.size)
        epoch = 0
        while True:
            order = torch.randperm(self.size, generator=torch.Generator().manual_seed(seed * 100003 + epoch))
            whole = [order[i : i + size] for i in range(0, self.size - size + 1, size)]
            yield from self._run(whole)
            epoch += 1

    def subset_batches(self, examples: int, chunk: int) -> Iterator[tuple[Any, int]]:
        order = torch.arange(self.size)
        if examples < self.size:
            generator = torch.Generator().manual_seed(_SUBSET_SEED)
            order = torch.randperm(self.size, generator=generator)[:examples].sort().values
        chunks = [order[i : i + chunk] for i in range(0, len(order), chunk)]
        for indices, batch in zip(chunks, self._run(chunks), strict=True):
            yield batch, len(indices)


class TensorData(_Indexed):
    """Examples that lie in tensors: batches are index selections on the device, no loader in between."""

    def __init__(
        self,
        tensors: tuple[torch.Tensor, ...],
        device: torch.device,
        batch_size: int | None,
        shuffled: bool | None,
    ) -> None:
        self.size, self.batch_size, self.shuffled = len(tensors[0]), batch_size, shuffled
        self.device = device
        total = sum(t.element_size() * t.nelement() for t in tensors)
        self.tensors = tuple(t.to(device) for t in tensors) if total <= _ON_DEVICE_LIMIT else tensors

    def take(self, indices: Sequence[int]) -> tuple[torch.Tensor, ...]:
        """One batch of just these examples, on the device."""
        return self._gather(torch.as_tensor(indices))

    def _gather(self, index: torch.Tensor) -> tuple[torch.Tensor, ...]:
        index = index.to(self.tensors[0].device)
        return tuple(t[index].to(self.device) for t in self.tensors)

    def _run(self, index_batches: Sequence[Any]) -> Iterator[Any]:
        """Several batches are gathered at once and handed out as views, which spares most of the call overhead."""
        for start in range(0, len(index_batches), _GATHERED):
            together = index_batches[start : start + _GATHERED]
            sizes = [len(indices) for indices in together]
            parts = self._gather(torch.cat(list(together)))
            yield from zip(*(torch.split(part, sizes) for part in parts), strict=True)

    def split(self, held_out: Sequence[int], rest: Sequence[int]) -> tuple["Data", "Data"]:
        """Two disjoint parts."""

        def part(indices: Sequence[int]) -> TensorData:
            index = torch.as_tensor(indices)
            chosen = tuple(t.cpu()[index] for t in self.tensors)
            return TensorData(chosen, self.device, self.batch_size, self.shuffled)

        return part(held_out), part(rest)


class DatasetData(_Indexed):
    """Any map-style Dataset, batched by the user's own collate function and worker settings."""

    def __init__(
        self,
        dataset: "Dataset[Any]",
        device: torch.device,
        batch_size: int | None,
        shuffled: bool | None,
        collate: Callable[[list[Any]], Any] = default_collate,
        workers: int = 0,
    ) -> None:
        self.dataset, self.device, self.batch_size, self.shuffled = dataset, device, batch_size, shuffled
        self.collate, self.workers = collate, workers
        self.size = len(dataset)  # type: ignore[arg-type]

    def take(self, indices: Sequence[int]) -> Any:
        """One collated batch of just these examples, on the device."""
        return move(self.collate([self.dataset[int(index)] for index in indices]), self.device)

    def _run(self, index_batches: Sequence[Any]) -> Iterator[Any]:
        if self.workers == 0:
            yield from super()._run(index_batches)
            return
        plain = [[int(index) for index in indices] for indices in index_batches]
        loader = DataLoader(
            self.dataset, batch_sampler=plain, collate_fn=self.collate, num_workers=self.workers,
            pin_memory=self.device.type == "cuda",
        )  # fmt: skip
        for batch in loader:
            yield move(batch, self.device)

    def split(self, held_out: Sequence[int], rest: Sequence[int]) -> tuple["Data", "Data"]:
        """Two disjoint parts."""

        def part(indices: Sequence[int]) -> DatasetData:
            subset = TorchSubset(self.dataset, [int(index) for index in indices])
            return DatasetData(subset, self.device, self.batch_size, self.shuffled, self.collate, self.workers)

        return part(held_out), part(rest)


def make_data(value: Any, name: str, device: torch.device) -> Data:
    """Recognises what the user gave as ``name``.

    Raises:
        ContractError: If it is none of the accepted forms, or empty.
    """
    batch_size: int | None = None
    shuffled: bool | None = None
    collate, workers = default_collate, 0
    if isinstance(value, DataLoader):
        batch_size, collate, workers = value.batch_size, value.collate_fn, value.num_workers
        if isinstance(value.sampler, RandomSampler):
            shuffled = True
        elif isinstance(value.sampler, SequentialSampler):
            shuffled = False
        value = value.dataset
    if isinstance(value, IterableDataset):
        raise ContractError(
            f"{name} as a Dataset with a length, a DataLoader over one, or (inputs, targets)",
            "an IterableDataset, whose examples cannot be drawn again in another order",
            "give a map-style Dataset for the probes",
        )
    if isinstance(value, TensorDataset) and collate is default_collate:
        return _nonempty(TensorData(value.tensors, device, batch_size, shuffled), name)
    if isinstance(value, (tuple, list)) and len(value) >= 2 and all(map(_is_array, value)):
        tensors = tuple(as_tensor(item) for item in value)
        lengths = {len(item) for item in tensors}
        if len(lengths) != 1:
            raise ContractError(
                f"{name} with as many inputs as targets",
                f"lengths {[len(t) for t in tensors]}",
                "check how it is cut",
            )
        return _nonempty(TensorData(tensors, device, batch_size, shuffled), name)
    many = getattr(value, "ndim", 1) > 0 and not isinstance(value, (str, dict))
    if hasattr(value, "__getitem__") and hasattr(value, "__len__") and many:
        if len(value) == 0:
            raise ContractError(f"{name} with examples in it", "an empty data set", "check how it is loaded")
        return DatasetData(value, device, batch_size, shuffled, collate, workers)
    raise ContractError(
        f"{name} as a Dataset, a DataLoader, (inputs, targets), or a function that returns one",
        f"{type(value).__name__}",
        f"let {name} give one of these",
    )


def look(data: Data, name: str, examples: int) -> Any:
    """The first ``examples`` as one batch.

    Raises:
        ContractError: If they cannot be read or put together.
    """
    try:
        return data.take(range(min(examples, data.size)))
    except Exception as error:
        raise ContractError(
            f"{name} whose examples can be read and put into one batch",
            f"{type(error).__name__}: {error}",
            "try `default_collate([dataset[i] for i in range(8)])`, or give a DataLoader with a collate_fn",
        ) from error


def hold_out(data: Data) -> tuple[Data, Data]:
    """A fixed tenth for validation and the rest for training."""
    if data.size < 2:
        raise ContractError("at least 2 training examples", str(data.size), "give more data")
    order = torch.randperm(data.size, generator=torch.Generator().manual_seed(_SUBSET_SEED)).tolist()
    count = max(1, math.ceil(data.size / 10))
    return data.split(order[:count], order[count:])


def move(batch: Any, device: torch.device) -> Any:
    """Moves every tensor in nested tuples, lists and dicts, and objects that have ``to``, to the device."""
    if isinstance(batch, dict):
        return type(batch)({key: move(item, device) for key, item in batch.items()})
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(move(item, device) for item in batch))
    if isinstance(batch, (tuple, list)):
        return type(batch)(move(item, device) for item in batch)
    return batch.to(device, non_blocking=True) if hasattr(batch, "to") else batch


def tensors_in(batch: Any) -> Iterator[torch.Tensor]:
    """Every tensor in a nested batch."""
    if isinstance(batch, torch.Tensor):
        yield batch
    elif isinstance(batch, dict):
        for item in batch.values():
            yield from tensors_in(item)
    elif isinstance(batch, (tuple, list)):
        for item in batch:
            yield from tensors_in(item)


def as_tensor(value: Any) -> torch.Tensor:
    """A tensor from a tensor or array; float64 becomes float32, as models expect."""
    tensor = value if isinstance(value, torch.Tensor) else torch.as_tensor(np.asarray(value))
    return tensor.float() if tensor.dtype == torch.float64 else tensor


def _is_array(value: Any) -> bool:
    return isinstance(value, (torch.Tensor, np.ndarray)) and value.ndim > 0


def _nonempty(data: TensorData, name: str) -> TensorData:
    if data.size == 0:
        raise ContractError(f"{name} with examples in it", "an empty data set", "check how it is loaded")
    return data
