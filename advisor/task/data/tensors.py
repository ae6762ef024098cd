"""Examples in tensors: the fastest kind of data, without a loader."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Subset, TensorDataset

from advisor.task.data.indexed import Indexed

_ON_DEVICE_LIMIT = 2 * 2**30
_GATHERED = 8
_GATHERED_BYTES = {"cpu": 2**18}
"""Maximum size of jointly gathered batches: on a CPU larger blocks cost more than the calls that they save."""
_GATHERED_ELSEWHERE = 2**24


class TensorData(Indexed):
    """Examples in tensors: batches are index selections on the device, without a loader."""

    float32 = False

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
        self._example_bytes = max(1, total // max(1, self.size))

    def take(self, indices: Sequence[int]) -> tuple[torch.Tensor, ...]:
        """One batch of the given examples, on the device."""
        return self._gather(torch.as_tensor(indices))

    def _gather(self, index: torch.Tensor) -> tuple[torch.Tensor, ...]:
        index = index.to(self.tensors[0].device)
        return tuple(self._moved(t[index]) for t in self.tensors)

    def _moved(self, part: torch.Tensor) -> torch.Tensor:
        """Copies to the device, asynchronously from pinned memory."""
        if self.device.type == "cuda" and not part.is_cuda:
            part = part.pin_memory()
        return part.to(self.device, non_blocking=True)

    def run(self, index_batches: Sequence[Any], drawn: bool) -> Iterator[Any]:
        """Gathers several small batches at once and yields views, which saves most of the call overhead."""
        most = _GATHERED_BYTES.get(self.device.type, _GATHERED_ELSEWHERE)
        largest = max((len(indices) for indices in index_batches), default=1)
        count = max(1, min(_GATHERED, most // max(1, largest * self._example_bytes)))
        for start in range(0, len(index_batches), count):
            together = index_batches[start : start + count]
            sizes = [len(indices) for indices in together]
            parts = self._gather(torch.cat(list(together)))
            yield from zip(*(torch.split(part, sizes) for part in parts), strict=True)

    def split(self, held_out: Sequence[int], rest: Sequence[int]) -> tuple["TensorData", "TensorData"]:
        """Two disjoint parts."""

        def part(indices: Sequence[int]) -> TensorData:
            index = torch.as_tensor(indices)
            chosen = tuple(t.cpu()[index] for t in self.tensors)
            return TensorData(chosen, self.device, self.batch_size, self.shuffled)

        return part(held_out), part(rest)


def tensors_behind(dataset: Any) -> tuple[torch.Tensor, ...] | None:
    """The tensors of a TensorDataset, or of a Subset of one; None for any other dataset.

    Subclasses that override ``__getitem__`` count as other datasets.
    """
    if isinstance(dataset, TensorDataset):
        kind = type(dataset)
        own = kind.__getitem__ is not TensorDataset.__getitem__ or hasattr(kind, "__getitems__")
        return None if own else tuple(dataset.tensors)
    if type(dataset) is Subset and (whole := tensors_behind(dataset.dataset)) is not None:
        chosen = torch.as_tensor(list(dataset.indices), dtype=torch.long)
        return tuple(tensor[chosen] for tensor in whole)
    return None


def as_tensor(value: Any) -> torch.Tensor:
    """Converts a tensor or array; float64 becomes float32, as models expect."""
    tensor = value if isinstance(value, torch.Tensor) else torch.as_tensor(np.asarray(value))
    return tensor.float() if tensor.dtype == torch.float64 else tensor
