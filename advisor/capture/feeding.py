"""One batch for one run of the script's loop body: what is given, and the losses that come of it."""

from collections.abc import Callable, Iterator
from typing import Any

import torch

from advisor.capture.events import Carried


class Feeding:
    """The batch of the present step.

    Attributes:
        key: Of the present step; a fresh object for each.
        per_turn: Calls of ``backward()`` on one batch.
    """

    def __init__(self) -> None:
        self.key: Any = None
        self.per_turn = 1
        self._batch: Any = None
        self._taken = False
        self._losses: list[torch.Tensor] = []
        self._beside: dict[int, Iterator[Any]] = {}

    def begin(self, batch: Any) -> None:
        """The next pass over the training loader gives this batch and ends."""
        self.key, self._batch, self._taken, self._losses = object(), batch, False, []

    def take(self) -> Any:
        """The batch that is fed."""
        self._taken = True
        return self._batch

    def end(self) -> bool:
        """Ends the step; returns whether the batch was taken."""
        self._batch = None
        return self._taken

    def backward(self, loss: torch.Tensor) -> None:
        """``backward()`` is called on a loss.

        Raises:
            Carried: With the sum of the losses, if this was the last one of the batch.
        """
        self._losses.append(loss)
        if len(self._losses) >= self.per_turn:
            raise Carried(loss if len(self._losses) == 1 else torch.stack([v.sum() for v in self._losses]).sum())

    def beside(self, loader: Any, opened: Callable[[], Any]) -> Iterator[Any]:
        """Batches of a loader that the step draws from besides its own: they go on from step to step."""
        while True:
            if id(loader) not in self._beside:
                self._beside[id(loader)] = iter(opened())
            yield from self._beside[id(loader)]
            del self._beside[id(loader)]
