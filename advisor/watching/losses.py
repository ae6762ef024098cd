"""Losses of steps, read from the device in groups without synchronising."""

from typing import Any

import torch

Read = list[tuple[int, float]]


class Losses:
    """Buffers losses on their device; on a GPU a group is read one group later."""

    def __init__(self) -> None:
        self._pending: list[tuple[int, Any]] = []
        self._way: tuple[list[int], torch.Tensor, torch.cuda.Event] | None = None

    def add(self, step: int, loss: Any) -> None:
        """Adds the loss of one step: a tensor of one element, or a number."""
        self._pending.append((step, loss.detach() if isinstance(loss, torch.Tensor) else loss))

    def read(self, wait: bool = False) -> Read:
        """Steps and losses that are available, in order; with ``wait`` all of them."""
        if not any(isinstance(loss, torch.Tensor) and loss.is_cuda for _, loss in self._pending):
            done = self._arrived(wait=True)
            pending, self._pending = self._pending, []
            return done + [(step, _float(loss)) for step, loss in pending]
        done = self._arrived(wait)
        if self._way is None:  # Otherwise the device is behind by more than a group.
            self._send()
        return done + (self._arrived(wait=True) if wait else [])

    def _send(self) -> None:
        pending, self._pending = self._pending, []
        device = next(loss.device for _, loss in pending if isinstance(loss, torch.Tensor) and loss.is_cuda)
        each = [torch.as_tensor(loss, device=device).float().mean() for _, loss in pending]
        there = torch.empty(len(each), dtype=torch.float32, pin_memory=True)
        there.copy_(torch.stack(each), non_blocking=True)
        event = torch.cuda.Event()  # type: ignore[no-untyped-call]
        event.record(torch.cuda.current_stream(device))
        self._way = ([step for step, _ in pending], there, event)

    def _arrived(self, wait: bool) -> Read:
        if self._way is None:
            return []
        steps, values, event = self._way
        if not event.query():  # type: ignore[no-untyped-call]
            if not wait:
                return []
            event.synchronize()
        self._way = None
        return list(zip(steps, values.tolist(), strict=True))


def _float(value: Any) -> float:
    return float(value.float().mean()) if isinstance(value, torch.Tensor) else float(value)
