"""All class labels of a data set, as far as they can be had without reading it for long."""

import time
from typing import Any

import torch
from torch.utils.data import Subset

from advisor.task.data.data import Data

_SECONDS = 1.0
_CHUNK = 8
_SEED = 11
_NAMES = ("targets", "labels")


def all_targets(data: Data, first: torch.Tensor) -> torch.Tensor:
    """Every label where they lie in a tensor or in the Dataset's own ``targets``, else those of random examples.

    Args:
        data: Whose.
        first: Labels of the first examples, which what the Dataset calls ``targets`` must agree with.
    """
    tensors = getattr(data, "tensors", None)
    if tensors is not None:
        last: torch.Tensor = tensors[-1]
        return last
    listed = _listed(getattr(data, "dataset", None))
    if listed is not None and len(listed) == data.size and torch.equal(listed[: len(first)], first.cpu().long()):
        return listed
    return _read(data, first)


def known_labels(data: Data) -> torch.Tensor | None:
    """One class label for each example where they can be had without reading the data; else None.

    They lie in the last tensor, or in the Dataset's own ``targets`` or ``labels``.
    """
    tensors = getattr(data, "tensors", None)
    if tensors is not None:
        last: torch.Tensor = tensors[-1]
        return last.cpu().long() if len(tensors) > 1 and last.ndim == 1 and not last.is_floating_point() else None
    return _listed(getattr(data, "dataset", None))


def _listed(dataset: Any) -> torch.Tensor | None:
    if isinstance(dataset, Subset):
        whole = _listed(dataset.dataset)
        return None if whole is None else whole[torch.as_tensor(list(dataset.indices))]
    for name in _NAMES:
        try:
            found = torch.as_tensor(getattr(dataset, name))
        except (AttributeError, TypeError, ValueError, RuntimeError):
            continue
        if found.ndim == 1 and not found.is_floating_point():
            return found.cpu().long()
    return None


def _read(data: Data, first: torch.Tensor) -> torch.Tensor:
    found, until = [first.flatten()], time.monotonic() + _SECONDS
    order = torch.randperm(data.size, generator=torch.Generator().manual_seed(_SEED)).tolist()
    for start in range(0, len(order), _CHUNK):
        if time.monotonic() > until:
            break
        try:
            targets = data.take(order[start : start + _CHUNK])[-1]
        except Exception:
            break  # Probes meet it and say so.
        found.append(targets.flatten())
    return torch.cat(found)
