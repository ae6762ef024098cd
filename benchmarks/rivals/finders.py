"""Learning-rate finders from their own packages with their defaults: suggested rate and trained examples."""

import contextlib
import io
import logging
import tempfile
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import lightning.pytorch as pl
import matplotlib
import numpy as np
import torch
from fastai.basics import DataLoaders, Learner
from fastai.callback.schedule import SuggestionMethod
from fastai.optimizer import SGD, Adam
from lightning.pytorch.tuner import Tuner
from tasks import Config, fit_one_cycle, loader, one_cycle, user_optimizer
from torch_lr_finder import LRFinder

matplotlib.use("Agg")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
SKIPPED = 10
"""First steps of a sweep that torch-lr-finder's own suggestion leaves out, and so the rule of the minimum too."""
Found = dict[str, tuple[float | None, int, Callable[[ModuleType, float], Config]]]


class Module(pl.LightningModule):
    """The task as a LightningModule."""

    def __init__(self, task: ModuleType) -> None:
        super().__init__()
        self.task, self.net, self.lr = task, task.model(), float(task.settings["lr"])

    def training_step(self, batch: Any, _: int) -> torch.Tensor:
        """Loss of one batch."""
        return self.task.loss(self.net(batch[0]), batch[1])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The user's optimizer."""
        return user_optimizer(self.task, self.net, self.lr)


def torch_lr_finder(task: ModuleType) -> Found:
    """pytorch-lr-finder: its own suggestion (steepest descent), and the rule of a tenth of the minimum."""
    model = task.model()
    finder = LRFinder(model, user_optimizer(task, model, 1e-7), task.loss)
    finder.range_test(loader(task), end_lr=10, num_iter=100)
    cost = len(finder.history["lr"]) * task.settings["batch_size"]
    rates, losses = (finder.history[key][SKIPPED:] for key in ("lr", "loss"))
    lowest = rates[int(np.nanargmin(losses))] / 10
    try:
        steepest = float(finder.plot(ax=matplotlib.pyplot.figure().gca())[1])
    except RuntimeError:
        steepest = None
    matplotlib.pyplot.close("all")
    return {"torch_lr_finder": (steepest, cost, one_cycle), "minimum_10": (float(lowest), cost, one_cycle)}


def lightning_tuner(task: ModuleType) -> Found:
    """Lightning's ``Tuner(trainer).lr_find`` with its defaults."""
    module = Module(task)
    with tempfile.TemporaryDirectory() as folder:
        trainer = pl.Trainer(
            accelerator="cpu", default_root_dir=folder, logger=False, enable_progress_bar=False, max_epochs=100
        )
        found = Tuner(trainer).lr_find(module, train_dataloaders=loader(task))
    lr = found.suggestion()
    return {"lightning": (lr, len(found.results["lr"]) * task.settings["batch_size"], one_cycle)}


def fastai(task: ModuleType) -> Found:
    """``Learner.lr_find`` with its default suggestion (valley), for ``fit_one_cycle``."""
    batches = loader(task)
    kind = SGD if task.settings["optimizer"] == "SGD" else Adam
    with tempfile.TemporaryDirectory() as folder:
        learner = Learner(
            DataLoaders(batches, batches), task.model(), loss_func=task.loss, opt_func=kind, path=folder,
            wd=task.settings["weight_decay"],
        )  # fmt: skip
        with learner.no_bar():
            found = learner.lr_find(show_plot=False, suggest_funcs=SuggestionMethod.Valley)
    steps = len(learner.recorder.lrs)
    return {"fastai": (float(found.valley), steps * task.settings["batch_size"], fit_one_cycle)}


FINDERS = {"torch_lr_finder": torch_lr_finder, "lightning": lightning_tuner, "fastai": fastai}


def find(name: str, task: ModuleType, seed: int) -> Found:
    """Runs one package's finder quietly, from a seed."""
    pl.seed_everything(seed, verbose=False)
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        return FINDERS[name](task)
