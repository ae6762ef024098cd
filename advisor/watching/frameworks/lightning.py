"""A callback for Lightning: ``Trainer(callbacks=[WatchCallback()])``."""

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightning.pytorch import Callback
else:
    try:
        from lightning.pytorch import Callback
    except ImportError:
        from pytorch_lightning import Callback

from advisor.watching.stop import StopTraining
from advisor.watching.watch import Watch, watch


class WatchCallback(Callback):
    """Watches a ``Trainer.fit``; ``stop_on="fault"`` sets ``trainer.should_stop``.

    Validation loss and metric are selected by name from the values passed to ``log``.

    Args:
        options: Options of ``advisor.watch`` except model, optimizer and length.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self._options = options
        self._done = 0
        self.watch: Watch | None = None

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Starts watching."""
        total = trainer.estimated_stepping_batches
        one = trainer.optimizers[0] if len(trainer.optimizers) == 1 else None
        steps = int(total) if math.isfinite(total) and total > 0 else None
        self._done = trainer.global_step
        self.watch = watch(pl_module, one, total_steps=steps, **self._options).__enter__()

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Ends the wait for data."""
        if self.watch is not None:
            self.watch.batch_ready()

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Records an optimizer step and its loss."""
        if self.watch is None or trainer.global_step <= self._done:
            return
        self._done = trainer.global_step
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        try:
            self.watch.step(loss)
        except StopTraining:
            trainer.should_stop = True

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Records a validation."""
        if self.watch is None or trainer.sanity_checking:
            return
        try:
            self.watch.validation(logged=dict(trainer.callback_metrics))
        except StopTraining:
            trainer.should_stop = True

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Judges the finished run."""
        if self.watch is not None:
            self.watch.end("stopped" if self.watch.stopping else "finished")

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Closes the files of a run that failed."""
        if self.watch is not None:
            self.watch.end("failed")
