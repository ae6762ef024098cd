"""A callback for the ``Trainer`` of Hugging Face: ``Trainer(..., callbacks=[WatchCallback()])``."""

from collections.abc import Mapping
from typing import Any

from transformers import TrainerCallback

from advisor.watching.stop import StopTraining
from advisor.watching.watch import Watch, watch


class WatchCallback(TrainerCallback):
    """Watches a ``Trainer.train``; ``stop_on="fault"`` sets ``control.should_training_stop``.

    The loss of each step is the ``loss`` that the model returns; if it returns none, or steps are accumulated, the
    Trainer's logged training loss is used. Validation loss and metric are selected by name from the results of its
    evaluation.

    Args:
        options: Options of ``advisor.watch`` except model, optimizer and length.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._loss: Any = None
        self._handle: Any = None
        self.watch: Watch | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Starts watching."""
        model = given.get("model")
        self.watch = watch(model, given.get("optimizer"), total_steps=state.max_steps or None, **self._options)
        self.watch.__enter__()
        if model is not None and args.gradient_accumulation_steps == 1:
            self._handle = model.register_forward_hook(self._returned)

    def _returned(self, model: Any, inputs: Any, outputs: Any) -> None:
        if model.training:
            loss = outputs.get("loss") if isinstance(outputs, Mapping) else None
            self._loss = loss.detach() if loss is not None else None

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Records an optimizer step and its loss."""
        loss, self._loss = self._loss, None
        self._guarded(control, lambda watch: watch.step(loss))

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **given: Any) -> None:
        """Records the logged loss if the model returned none."""
        if self.watch is not None and logs and "loss" in logs and not self.watch.has_losses:
            self.watch.noted(logs["loss"])

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any = None, **given: Any) -> None:
        """Records a validation."""
        known = {name: value for name, value in (metrics or {}).items() if isinstance(value, (int, float))}
        self._guarded(control, lambda watch: watch.validation(logged=known))

    def on_train_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Judges the finished run."""
        if self._handle is not None:
            self._handle.remove()
        if self.watch is not None:
            self.watch.end("stopped" if self.watch.stopping else "finished")

    def _guarded(self, control: Any, work: Any) -> None:
        if self.watch is None:
            return
        try:
            work(self.watch)
        except StopTraining:
            control.should_training_stop = True
