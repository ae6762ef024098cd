"""Examples that lie in tensors: the fastest kind of data, no loader in between."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from advisor.task.indexed import Indexed

_ON_DEVICE_LIMIT = 2 * 2**30
_GATHERED = 8


class TensorData(Indexed):
    """Examples that lie in tensors: batches are index selections on the device, no loader in between."""

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

    def take(self, indices: Sequence[int]) -> tuple[torch.Tensor, ...]:
        """One batch of just these examples, on the device."""
        return self._gather(torch.as_tensor(indices))

    def _gather(self, index: torch.Tensor) -> tuple[torch.Tensor, ...]:
        index = index.to(self.tensors[0].device)
        return tuple(t[index].to(self.device) for t in self.tensors)

    def run(self, index_batches: Sequence[Any], drawn: bool) -> Iterator[Any]:
        """Several batches are gathered at once and handed out as views, which spares most of the call overhead."""
        for start in range(0, len(index_batches), _GATHERED):
            together = index_batches[start : start + _GATHERED]
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


def as_tensor(value: Any) -> torch.Tensor:
    """A tensor from a tensor or array; float64 becomes float32, as models expect."""
    tensor = value if isinstance(value, torch.Tensor) else torch.as_tensor(np.asarray(value))
    return tensor.float() if tensor.dtype == torch.float64 else tensor
