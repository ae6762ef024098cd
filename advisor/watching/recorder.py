"""Records the losses, validations, gradients and waiting times of a live run."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from advisor.watching.live_run import LiveRun, picked, picked_name, settings_of
from advisor.watching.losses import Losses
from advisor.watching.signs import Signs, Waiting

_TIMED = 20  # steps after which the share of waiting is known


class Recorder:
    """Fills a ``LiveRun`` with what the training loop passes in and what model and optimizer show.

    Args:
        run: The run to fill.
        model: The trained model; None if it is not observed.
        optimizer: Its optimizer; None if it is not observed.

    Attributes:
        has_losses: Whether losses of single steps are available.
    """

    def __init__(self, run: LiveRun, model: nn.Module | None, optimizer: Any) -> None:
        self._run, self._model, self._optimizer = run, model, optimizer
        self._losses = Losses()
        self._signs: Signs | None = None
        self._waiting: Waiting | None = None
        self._handles: list[Any] = []
        self._on_gpu = self.has_losses = False

    @property
    def observes_gradients(self) -> bool:
        """Whether gradients are sampled."""
        return self._signs is not None

    def read_settings(self) -> None:
        """Reads the settings of the optimizer."""
        if self._optimizer is not None:
            self._run.settings = settings_of(getattr(self._optimizer, "optimizer", self._optimizer))

    def observe_gradients(self, after_step: Callable[[Any, Any, Any], None]) -> None:
        """Observes the optimizer; ``after_step`` is called as its post-step hook."""
        if self._optimizer is not None:
            self._signs = Signs(self._model, self._optimizer)
            self._run.left_out = self._signs.left_out
            self._handles.append(self._signs.optimizer.register_step_post_hook(after_step))

    def ignore_gradients(self) -> None:
        """Stops observing the gradients."""
        self._signs = None

    def observe_waiting(self) -> None:
        """Times the waits for data from here on."""
        if self._model is not None:
            self._waiting = Waiting(self._model)

    def sample_gradients(self) -> None:
        """Samples the gradients of the step in progress."""
        if self._signs is not None:
            self._signs.look(self._run.step + 1)

    def add_step(self, loss: Any) -> None:
        """Counts a step and stores its loss, a tensor of one element or a number; tensors are read later."""
        self._run.step += 1
        if loss is not None:
            self.has_losses = True
            self._losses.add(self._run.step, loss)
        if self._run.step == 1:
            self._on_gpu = bool(getattr(loss, "is_cuda", False))

    def add_loss(self, loss: Any) -> None:
        """Stores a loss for the current step."""
        self._losses.add(max(1, self._run.step), loss)

    def end_step(self) -> None:
        """Starts the wait for the next batch."""
        if self._waiting is not None:
            self._waiting.step_ended(self._on_gpu)

    def batch_ready(self) -> None:
        """Ends the wait for data."""
        if self._waiting is not None:
            self._waiting.arrived()

    def add_validation(self, loss: Any, metric: Any, logged: Mapping[str, Any]) -> None:
        """Stores a validation; loss and metric are selected from ``logged`` by name where they are None."""
        run = self._run
        loss = loss if loss is not None else picked(logged, "val_loss")
        if metric is None and (name := picked_name(logged, "val_metric")):
            metric = logged[name]
            run.measured_by(name)
        if self._waiting is not None:
            self._waiting.interrupted()
        if loss is not None:
            value = float(loss)
            run.val.add(run.step, value)
            if run.best is None or value < run.best[1]:
                run.best = (run.step, value)
        if metric is not None:
            run.metric.add(run.step, float(metric))

    def read_losses(self, wait: bool = False) -> None:
        """Moves losses that have arrived into the run.

        Args:
            wait: Whether to wait for losses that are still on the device.
        """
        run = self._run
        for step, value in self._losses.read(wait):
            run.lost(step, value)
        if self._signs is not None:
            run.scheduled = self._signs.scheduled
            rate = self._signs.rate
            if math.isfinite(rate):
                run.rate.add(run.step, rate)

    def read_observations(self) -> None:
        """Moves sampled gradients and the share of waiting into the run."""
        run, waiting = self._run, self._waiting
        if self._signs is not None:
            run.looks += self._signs.read()
        if waiting is not None and waiting.seen and waiting.steps >= _TIMED:
            run.wait = (waiting.seconds / waiting.whole, waiting.seconds / waiting.steps)

    def close(self) -> None:
        """Removes all hooks from model and optimizer."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        if self._waiting is not None:
            self._waiting.close()
