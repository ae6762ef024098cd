"""Feeds one batch to one run of the script's loop body and collects its losses."""

from collections.abc import Callable, Iterator
from typing import Any

import torch

from advisor.capture.events import Carried


class Feeding:
    """The batch of the current step.

    Attributes:
        key: Of the present step; a fresh object for each.
        per_turn: Calls of ``backward()`` on one batch.
        own_precision: Whether the script's own ``autocast`` holds, and not the precision of a probe.
    """

    def __init__(self) -> None:
        self.key: Any = None
        self.per_turn = 1
        self.own_precision = False
        self._batch: Any = None
        self._taken = False
        self._losses: list[torch.Tensor] = []
        self._beside: dict[int, Iterator[Any]] = {}

    def begin(self, batch: Any) -> None:
        """Makes the next pass over the training loader yield this batch only."""
        self.key, self._batch, self._taken, self._losses = object(), batch, False, []

    def take(self) -> Any:
        """The fed batch."""
        self._taken = True
        return self._batch

    def end(self) -> bool:
        """Ends the step; returns whether the batch was used."""
        self._batch = None
        return self._taken

    def backward(self, loss: torch.Tensor) -> None:
        """Handles a call of ``backward()``.

        Raises:
            Carried: With the sum of the losses, if this was the last call for the batch.
        """
        self._losses.append(loss)
        if len(self._losses) >= self.per_turn:
            raise Carried(loss if len(self._losses) == 1 else torch.stack([v.sum() for v in self._losses]).sum())

    def beside(self, loader: Any, opened: Callable[[], Any]) -> Iterator[Any]:
        """Batches of a second loader that the step draws from; they continue from step to step."""
        while True:
            if id(loader) not in self._beside:
                self._beside[id(loader)] = iter(opened())
            yield from self._beside[id(loader)]
            del self._beside[id(loader)]
