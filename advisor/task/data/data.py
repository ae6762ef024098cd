"""The user's data in any accepted form, behind one interface: size, batches, a fixed subset."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch.utils.data import BatchSampler, DataLoader, IterableDataset, default_collate

from advisor.errors import ContractError
from advisor.task.data.datasets import DatasetData, Loading, from_loader
from advisor.task.data.indexed import SUBSET_SEED
from advisor.task.data.streams import BatchData, StreamData, passed_once
from advisor.task.data.tensors import TensorData, as_tensor, tensors_behind


class Data(Protocol):
    """Data that probes train on or evaluate."""

    size: int
    batch_size: int | None
    shuffled: bool | None
    float32: bool

    def forever(self, batch_size: int, seed: int) -> Iterator[Any]:
        """Shuffled batches, epoch after epoch, without incomplete last batches; the order depends on the seed."""

    def subset_batches(self, examples: int, chunk: int) -> Iterator[tuple[Any, int]]:
        """Batches and their sizes over a fixed subset of ``examples``."""

    def take(self, indices: Sequence[int]) -> Any:
        """One batch of the given examples."""


def make_data(value: Any, name: str, device: torch.device, said: list[str] | None = None) -> Data:
    """Wraps the value of ``name`` by its type.

    Args:
        value: The user's value.
        name: Name for messages.
        device: Device of the batches.
        said: Receives sentences about what was inferred.

    Raises:
        ContractError: If its type is not accepted, or it is empty.
    """
    said = [] if said is None else said
    if isinstance(value, DataLoader):
        return _of_loader(value, name, device, said)
    if isinstance(value, IterableDataset):
        return _stream(value, name, device, None, Loading(), said)
    if (rows := tensors_behind(value)) is not None:
        return _nonempty(TensorData(rows, device, None, None), name)
    if isinstance(value, (tuple, list)) and len(value) >= 2 and all(map(_is_array, value)):
        tensors = tuple(as_tensor(item) for item in value)
        lengths = {len(item) for item in tensors}
        if len(lengths) != 1:
            raise ContractError(
                f"{name} with as many inputs as targets",
                f"lengths {[len(t) for t in tensors]}",
                "check how it is split",
            )
        return _nonempty(TensorData(tensors, device, None, None), name)
    if _is_array(value):
        said.append(f"{name}: inputs without targets")
        return _nonempty(TensorData((as_tensor(value),), device, None, None), name)
    many = getattr(value, "ndim", 1) > 0 and not isinstance(value, (str, dict))
    if hasattr(value, "__getitem__") and hasattr(value, "__len__") and many:
        if len(value) == 0:
            raise ContractError(f"{name} with examples in it", "an empty data set", "check how it is loaded")
        return DatasetData(value, device, None, None)
    if callable(value) or (hasattr(value, "__iter__") and many):
        return _batches(value, name, device, said)
    raise ContractError(
        f"{name} as a Dataset, a DataLoader, (inputs, targets), or a function that returns one",
        f"{type(value).__name__}",
        f"let {name} give one of these",
    )


def _of_loader(loader: "DataLoader[Any]", name: str, device: torch.device, said: list[str]) -> Data:
    """A DataLoader's data: batch size rebuilt, collate function, sampler and workers kept."""
    dataset: Any = loader.dataset
    own_batches = loader.batch_size is None and type(loader.batch_sampler) is not BatchSampler
    if own_batches and not (loader.batch_sampler is None and not isinstance(dataset, IterableDataset)):
        return _batches(loader, name, device, said)
    if isinstance(dataset, IterableDataset):
        return _stream(dataset, name, device, loader.batch_size, Loading.of(loader), said)
    if len(dataset) == 0:
        raise ContractError(f"{name} with examples in it", "an empty data set", "check how it is loaded")
    data, sentence = from_loader(loader, device)
    kept = [f"num_workers={loader.num_workers}"] if loader.num_workers else []
    kept += ["the collate function"] if loader.collate_fn is not default_collate else []
    if kept:
        said.append(f"{name}: {' and '.join(kept)} of the DataLoader kept, whatever the batch size")
    if sentence:
        said.append(f"{name}: {sentence}")
    if data.size == 0:
        raise ContractError(f"{name} with examples in it", "a sampler that draws none", "check the sampler")
    rows = tensors_behind(data.dataset) if data.sampler is None and loader.collate_fn is default_collate else None
    return data if rows is None else TensorData(rows, device, data.batch_size, data.shuffled)


def _stream(
    dataset: Any, name: str, device: torch.device, batch_size: int | None, loading: Loading, said: list[str]
) -> Data:
    size = passed_once(dataset)
    if size == 0:
        raise ContractError(f"{name} with examples in it", "an empty stream", "check how it is loaded")
    length = "does not end" if size is None else f"gives {size} examples per pass"
    said.append(f"{name}: an IterableDataset that {length}, read in its own order")
    return StreamData(dataset, device, batch_size, loading, size)


def _batches(value: Any, name: str, device: torch.device, said: list[str]) -> Data:
    """Batches used as they come: from a function that opens them, a loader with its own batches, or an iterable."""
    if isinstance(value, Iterator):
        raise ContractError(
            f"{name} that can be iterated more than once",
            f"a {type(value).__name__}, which is exhausted after one pass",
            f"give the function that creates it: `def {name}(): ... yield batch`",
        )
    opened = value if callable(value) else lambda: value
    size = passed_once(value if hasattr(value, "__len__") else opened())
    if size == 0:
        raise ContractError(f"{name} with batches in it", "none", "check how it is loaded")
    length = "without end" if size is None else f"{size} per pass"
    said.append(f"{name}: batches as they come ({length}); one batch counts as one example, with batch_size 1")
    return BatchData(opened, device, size)


def look(data: Data, name: str, examples: int) -> Any:
    """The first ``examples`` as one batch.

    Raises:
        ContractError: If they cannot be read or collated.
    """
    try:
        return data.take(range(min(examples, data.size)))
    except Exception as error:
        raise ContractError(
            f"{name} whose examples can be read and collated into a batch",
            f"{type(error).__name__}: {error}",
            "try `default_collate([dataset[i] for i in range(8)])`, or give a DataLoader with a collate_fn",
        ) from error


def hold_out(data: Data) -> tuple[Data, Data]:
    """A fixed tenth for validation and the rest for training; for a stream, its beginning."""
    if data.size < 2:
        raise ContractError("at least 2 training examples", str(data.size), "give more data")
    if isinstance(data, (StreamData, BatchData)):
        return data.held_out()
    assert isinstance(data, (TensorData, DatasetData))
    order = torch.randperm(data.splittable, generator=torch.Generator().manual_seed(SUBSET_SEED)).tolist()
    count = max(1, math.ceil(data.splittable / 10))
    return data.split(order[:count], order[count:])


def _is_array(value: Any) -> bool:
    """Whether it is a tensor, an array of examples, or a table (pandas) that converts to one."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return value.ndim > 0
    return hasattr(value, "__array__") and hasattr(value, "iloc")


def _nonempty(data: TensorData, name: str) -> TensorData:
    if data.size == 0:
        raise ContractError(f"{name} with examples in it", "an empty data set", "check how it is loaded")
    return data
