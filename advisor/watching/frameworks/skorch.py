"""A callback for skorch: ``NeuralNetClassifier(..., callbacks=[WatchCallback()])``."""

import math
from typing import Any

from skorch.callbacks import Callback  # type: ignore[import-untyped]

from advisor.watching.stop import StopTraining
from advisor.watching.watch import Watch, watch


class WatchCallback(Callback):  # type: ignore[misc]
    """Watches a ``fit``; ``stop_on="fault"`` raises KeyboardInterrupt, which skorch treats as the end of training.

    Args:
        options: Options of ``advisor.watch`` except model, optimizer and length.
    """

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.watch: Watch | None = None

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The options, for skorch's and scikit-learn's ``get_params``."""
        return dict(self.options)

    def on_train_begin(self, net: Any, X: Any = None, y: Any = None, **given: Any) -> None:
        """Starts watching."""
        self.watch = watch(net.module_, getattr(net, "optimizer_", None), **self.options).__enter__()

    def on_epoch_begin(self, net: Any, dataset_train: Any = None, **given: Any) -> None:
        """Records the planned length of the run."""
        if self.watch is None or self.watch.planned or not hasattr(dataset_train, "__len__"):
            return
        size = len(dataset_train) if net.batch_size == -1 else net.batch_size
        self.watch.plan(net.max_epochs * math.ceil(len(dataset_train) / size))

    def on_batch_end(self, net: Any, batch: Any = None, training: bool = False, **given: Any) -> None:
        """Records an optimizer step and its loss."""
        if training:
            self._guarded(lambda watch: watch.step(given.get("loss")))

    def on_epoch_end(self, net: Any, **given: Any) -> None:
        """Records a validation."""
        row = {name: value for name, value in net.history[-1].items() if isinstance(value, (int, float))}
        held = {name: value for name, value in row.items() if not name.endswith("_best")}
        self._guarded(lambda watch: watch.validation(logged=held))

    def on_train_end(self, net: Any, X: Any = None, y: Any = None, **given: Any) -> None:
        """Judges the finished run."""
        if self.watch is not None:
            self.watch.end("stopped" if self.watch.stopping else "finished")

    def _guarded(self, work: Any) -> None:
        if self.watch is None:
            return
        try:
            work(self.watch)
        except StopTraining as reason:
            raise KeyboardInterrupt(str(reason)) from reason
