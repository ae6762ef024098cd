"""All class labels of a data set, if they are available quickly."""

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
    """All labels if they are in a tensor or in the Dataset's ``targets``, else those of random examples.

    Args:
        data: The data.
        first: Labels of the first examples, which the Dataset's ``targets`` must match.
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
    """One class label per example if available without reading the data; else None.

    They are taken from the last tensor, or from the Dataset's ``targets`` or ``labels``.
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
            break  # Probes will report the error.
        found.append(targets.flatten())
    return torch.cat(found)
