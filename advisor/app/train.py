"""``advisor train``: trains the user's file with a configuration and keeps the best checkpoint. Imports torch."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from advisor.capture.offer import offer_of_script
from advisor.config.config import Config
from advisor.errors import UsageError
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.schema.base import checked
from advisor.schema.commands import TrainReport
from advisor.task.inspection import inspect_task
from advisor.task.load import load_task
from advisor.training.evaluation import evaluate
from advisor.training.trainer import Training

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a training.

    Attributes:
        folder: Folder of checkpoints and logs.
        epochs: Epochs finished.
        best_epoch: The one with the lowest validation loss.
        best_loss: That loss.
        last_loss: Validation loss of the last epoch.
        metric: Metric of the best epoch; None if there is none.
        metric_name: Name of the metric.
        diverged: Whether the loss left the finite range.
    """

    folder: Path
    epochs: int
    best_epoch: int
    best_loss: float
    last_loss: float
    metric: float | None
    metric_name: str
    diverged: bool

    @property
    def report(self) -> TrainReport:
        """The result as printed by ``--format json``."""
        best = str(self.folder / "best.pt") if self.best_epoch else None
        return checked(
            TrainReport,
            TrainReport(
                folder=str(self.folder), best_checkpoint=best, epochs=self.epochs, best_epoch=self.best_epoch,
                best_loss=self.best_loss, last_loss=self.last_loss, metric=self.metric, metric_name=self.metric_name,
                diverged=self.diverged,
            ),
        )  # fmt: skip

    def line(self) -> str:
        """The result in one line."""
        if self.best_epoch == 0:
            return "training diverged before the first epoch ended"
        metric = f", {self.metric_name} {self.metric:.4g}" if self.metric is not None else ""
        ending = " (it diverged later)" if self.diverged else ""
        return (
            f"best validation loss {self.best_loss:.4g}{metric} after epoch {self.best_epoch} of {self.epochs}"
            f"{ending}; {self.folder / 'best.pt'}"
        )


def train(path: str, config: Config, out: Path, seed: int, device: str, say: Say | None = None) -> Result:
    """Trains with a configuration; writes ``last.pt`` each epoch, ``best.pt`` by validation loss, and TensorBoard logs.

    The user's code runs in this process. Checkpoints contain ``model`` and ``optimizer`` state
    dicts, ``epoch`` and ``val_loss``.

    Raises:
        AdvisorError: If the file, the configuration or the output folder is invalid.
    """
    from torch.utils.tensorboard import SummaryWriter

    task = load_task(TaskSource(path=path, device=device), offer_of_script(Path(path), {}, (), guard=False))
    inspect_task(task)
    folder = out / task.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError("a writable folder", f"{folder}: {error.strerror}", "name another") from error
    batch = min(config.batch_size, task.train.size)
    per_epoch = max(1, task.train.size // batch)
    steps = per_epoch * config.epochs
    spec = ProbeSpec(
        kind="cycle",
        optimizer=config.optimizer,
        schedule=config.schedule,
        batch_size=batch,
        steps=steps,
        seed=seed,
        eval_steps=(steps,),
        eval_examples=task.val.size,
        clip_grad_norm=config.clip_grad_norm,
        amp=config.amp,
    )
    training = Training(task, spec)
    best_loss, best_epoch, best_metric, loss, epoch = math.inf, 0, None, math.inf, 0
    diverged = False
    writer: Any = SummaryWriter(str(folder / "tensorboard"))
    started = time.perf_counter()
    try:
        for epoch in range(1, config.epochs + 1):
            for step in range((epoch - 1) * per_epoch + 1, epoch * per_epoch + 1):
                training.step(step)
            train_loss = training.recorder.epoch_mean(epoch * per_epoch, per_epoch)
            result = evaluate(task, training.model, task.val, task.val.size, batch)
            loss = result.loss
            rate = float(training.optimizer.param_groups[0]["lr"])
            for tag, value in (("loss/train", train_loss), ("loss/val", loss), ("schedule/lr", rate)):
                writer.add_scalar(tag, value, epoch * per_epoch)
            if result.metric is not None:
                writer.add_scalar("metric/val", result.metric, epoch * per_epoch)
            if not (math.isfinite(loss) and math.isfinite(train_loss)):
                diverged = True
                break
            state = {
                "model": training.model.state_dict(), "optimizer": training.optimizer.state_dict(),
                "epoch": epoch, "val_loss": loss, "config": config.as_dict(),
            }  # fmt: skip
            _save(state, folder / "last.pt")
            if loss < best_loss:
                best_loss, best_epoch, best_metric = loss, epoch, result.metric
                _save(state, folder / "best.pt")
            if say:
                seconds = time.perf_counter() - started
                say(f"epoch {epoch}/{config.epochs}  train {train_loss:.4g}  val {loss:.4g}  ({seconds:.0f} s)")
    finally:
        writer.close()
    name = task.metric.name if task.metric else ""
    return Result(folder, epoch, best_epoch, best_loss, loss, best_metric, name, diverged)


def _save(state: dict[str, Any], path: Path) -> None:
    """Writes a checkpoint atomically."""
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.replace(path)
