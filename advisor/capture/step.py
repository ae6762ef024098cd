"""The script's loop body as ``training_step(model, batch)``."""

import contextlib
import io
import sys
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from advisor.capture.cpu import OnCpu
from advisor.capture.events import Carried, Namespace
from advisor.capture.loop import LOADER, Body
from advisor.capture.parts import standing_in
from advisor.capture.record import Recorder
from advisor.capture.sandbox.box import Sandbox


class Nowhere(io.TextIOBase):
    """Discards what is printed."""

    def write(self, text: str) -> int:
        """Discards the text."""
        return len(text)


@dataclass(frozen=True, slots=True)
class Held:
    """An item of a loop that creates its own batches, whose batch is drawn from held-out data.

    Attributes:
        item: Value of the loop variable.
    """

    item: Any


class Step:
    """Runs one loop body for any model with the structure of the script's own.

    Args:
        body: The loop body.
        recorder: Feeds it.
        parts: The script's trained modules.
        item: Whether a batch is an item of the iterated expression.
        scale: Factor of the loss: the script sums gradients of several batches, probes average them.
        outputs: Whether the last criterion gives the step's loss, so that its arguments are outputs and targets.
        on_cpu: Whether the script names a GPU on a machine without one.
        sandbox: Blocks side effects of the body.
        names: Names that are replaced by the parts of a batch; empty if the loop gives batches itself.

    Attributes:
        held_out: The same loop body on held-out data, or None.
        ahead: Whether the body draws its batch one step ahead, so that it runs twice if no state is kept.
    """

    def __init__(
        self,
        body: Body,
        recorder: Recorder,
        parts: list[nn.Module],
        item: bool,
        on_cpu: bool,
        sandbox: Sandbox,
        scale: float = 1.0,
        outputs: bool = False,
        names: tuple[str, ...] = (),
    ) -> None:
        self.body, self.recorder, self.parts, self.item, self.on_cpu = body, recorder, parts, item, on_cpu
        self.sandbox = sandbox
        self.scale, self.outputs, self.names = scale, outputs, names
        self.held_out: Body | None = None
        self.ahead = False
        self._spaces: weakref.WeakKeyDictionary[nn.Module, Namespace] = weakref.WeakKeyDictionary()

    def __call__(self, model: nn.Module, batch: Any) -> Any:
        """The loss of a batch; with outputs and targets if known.

        Raises:
            RuntimeError: If the body ends without a call of ``backward()``, or does not use the batch.
        """
        loss = self.loss(model, batch)
        loss = loss if self.scale == 1.0 else loss * self.scale
        calls = self.recorder.criteria.calls
        if self.outputs and calls:
            return {"loss": loss, "outputs": calls[-1].outputs, "targets": calls[-1].targets}
        return loss

    def loss(self, model: nn.Module, batch: Any) -> torch.Tensor:
        """The tensor on which ``backward()`` would be called."""
        body, space = self.body, self._space(model)
        if isinstance(batch, Held):
            assert self.held_out is not None
            body, batch = self.held_out, batch.item
        if self.names:
            space.update(zip(self.names, batch, strict=True))
        if self.ahead and not model.training:
            self._run(body, model, batch, space)
        loss, taken = self._run(body, model, batch, space)
        if loss is None:
            raise RuntimeError("the script's loop body ended without backward()")
        if self.recorder.train is not None and not self.item and not taken and self.body.function is None:
            raise RuntimeError("the script's loop body does not take a batch from the loader")
        return loss if loss.ndim == 0 else loss.sum()

    def _run(self, body: Body, model: nn.Module, batch: Any, space: Namespace) -> tuple[torch.Tensor | None, bool]:
        """The loss of one round of the body, and whether the batch was used."""
        recorder, mode = self.recorder, OnCpu() if self.on_cpu else contextlib.nullcontext()
        recorder.begin_feed(batch)
        self.sandbox.set_active(True)
        loss = None
        try:
            with standing_in(self.parts, model), _silent(), mode:
                try:
                    body.run(space, 0 if self.names else batch, self.item)
                except Carried as carried:
                    loss = carried.loss
        finally:
            self.sandbox.set_active(False)
            taken = recorder.end_feed()
        return loss, taken

    def _space(self, model: nn.Module) -> Namespace:
        """Namespace of the body: separate for each trained model, as a script's loop keeps its variables."""
        if not model.training or self.names:
            return self._fresh_space()
        if model not in self._spaces:
            self._spaces[model] = self._fresh_space()
        return self._spaces[model]

    def _fresh_space(self) -> Namespace:
        return {**self.body.space(), LOADER: self.recorder.train}


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    out, sys.stdout = sys.stdout, Nowhere()
    try:
        yield
    finally:
        sys.stdout = out
