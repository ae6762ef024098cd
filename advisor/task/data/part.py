"""A subset of the training data that represents the whole: the data of a copy of a run."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch.utils.data import IterableDataset

from advisor.task.data.data import Data
from advisor.task.data.datasets import DatasetData
from advisor.task.data.labels import known_labels
from advisor.task.data.streams import BatchData, StreamData
from advisor.task.data.tensors import TensorData

_PARTS: "WeakKeyDictionary[Data, dict[tuple[float, int], Data]]" = WeakKeyDictionary()
"""Cached parts, for as long as their data live: all arms of a round train on the same part."""
_SEED = 900
_MOST_CLASSES = 0.1
"""Labels with more distinct values than this share of the examples are not treated as classes."""


def part_of(data: Data, share: float, seed: int) -> Data:
    """The same share of every class if labels are known, else of all examples; for a stream, its beginning.

    Args:
        data: The whole data.
        share: Share of its examples, above 0; 1 or more returns ``data`` itself.
        seed: Seed of the draw; the same seed gives the same part.

    Returns:
        At least two examples, in their order in ``data``.
    """
    if share >= 1.0 or data.size < 2:
        return data
    known = _PARTS.setdefault(data, {})
    if (share, seed) not in known:
        known[share, seed] = _cut(data, share, seed)
    return known[share, seed]


def _cut(data: Data, share: float, seed: int) -> Data:
    if isinstance(data, (StreamData, BatchData)):
        return _beginning(data, max(2, round(data.size * share)))
    assert isinstance(data, (TensorData, DatasetData))
    chosen = _drawn(data, share, seed)
    if isinstance(data, TensorData):
        rows = tuple(tensor[chosen.to(tensor.device)] for tensor in data.tensors)
        return _like(TensorData(rows, data.device, data.batch_size, data.shuffled), data)
    left_out = torch.ones(data.splittable, dtype=torch.bool)
    left_out[chosen] = False
    return _like(data.split(left_out.nonzero().flatten().tolist(), chosen.tolist())[1], data)


def _like(part: Data, data: Data) -> Data:
    part.float32 = data.float32
    return part


def _drawn(data: TensorData | DatasetData, share: float, seed: int) -> torch.Tensor:
    """Sorted positions of the part."""
    total = data.splittable
    order = torch.randperm(total, generator=torch.Generator().manual_seed(_SEED + seed))
    labels = known_labels(data)
    count = min(total, max(2, round(total * share)))
    if labels is None or len(labels) != total:
        return order[:count].sort().values
    classes, inverse = torch.unique(labels[order], return_inverse=True)
    if len(classes) > _MOST_CLASSES * total:
        return order[:count].sort().values
    rank = torch.zeros(total, dtype=torch.float64)
    for label in range(len(classes)):
        places = (inverse == label).nonzero().flatten()
        rank[places] = (torch.arange(len(places), dtype=torch.float64) + 0.5) / len(places)
        rank[places[:1]] = 0.0  # Keeps one example of each class if the part is large enough.
    return order[rank.argsort(stable=True)[:count]].sort().values


class _First(IterableDataset[Any]):
    """The first examples of a stream."""

    def __init__(self, dataset: Iterable[Any], skipped: int, count: int) -> None:
        self.dataset, self.skipped, self.count = dataset, skipped, count

    def __iter__(self) -> Iterator[Any]:
        return islice(iter(self.dataset), self.skipped, self.skipped + self.count)


def _beginning(data: StreamData | BatchData, count: int) -> Data:
    """The first ``count`` examples (or batches), repeated; loader workers would each yield them once."""
    if isinstance(data, BatchData):
        opened, skipped = data.opened, data.skipped
        return BatchData(lambda: islice(iter(opened()), skipped, skipped + count), data.device, count)
    first = _First(data.dataset, data.skipped, count)
    return _like(StreamData(first, data.device, data.batch_size, data.loading.alone(), count), data)
