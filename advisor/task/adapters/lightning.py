"""PyTorch Lightning: a LightningModule and its DataModule, ``configure_optimizers`` and a Trainer's arguments."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import nn

from advisor.errors import ContractError
from advisor.records.spec import Keywords
from advisor.task.adapters.optimizers import groups_of, settings_of
from advisor.task.adapters.schedulers import keywords_of
from advisor.task.task import make_model
from advisor.task.user_module import Offer

_PACKAGES = ("lightning.pytorch", "pytorch_lightning")
_STEPS_UNKNOWN = 1000
_HOOKS = (
    "on_before_backward", "on_after_backward", "on_before_optimizer_step", "on_before_zero_grad", "optimizer_step",
    "optimizer_zero_grad", "backward", "configure_gradient_clipping", "lr_scheduler_step", "on_train_batch_start",
    "on_train_batch_end", "on_train_epoch_start", "on_train_epoch_end", "on_before_batch_transfer",
    "on_after_batch_transfer", "on_fit_start", "on_train_start",
)  # fmt: skip
_QUIET = (
    "ModelCheckpoint", "TQDMProgressBar", "RichProgressBar", "ProgressBar", "ModelSummary", "RichModelSummary",
    "LearningRateMonitor", "DeviceStatsMonitor", "Timer", "ThroughputMonitor",
)  # fmt: skip
"""Callbacks that only observe."""


def adapt(offer: Offer) -> None:
    """Fills in the roles from a LightningModule and a LightningDataModule."""
    for package in _PACKAGES:
        framework = sys.modules.get(package)
        if framework is not None:
            _adapt(offer, framework)


def _adapt(offer: Offer, framework: Any) -> None:
    offer.fill("model", offer.of_type(framework.LightningModule))
    factory = offer.values["model"]
    if factory is None or not callable(factory):
        return
    if inspect.isclass(factory) and not issubclass(factory, framework.LightningModule):
        return
    sample = make_model(factory)
    if not isinstance(sample, framework.LightningModule):
        return
    if not sample.automatic_optimization:
        raise _out_of_scope("manual optimization")
    offer.said.append(f"{type(sample).__name__} is a LightningModule: its own training_step is used")
    _data(offer, framework, sample)
    offer.fill("training_step", _step(sample, "training_step"))
    if _defined(sample, "validation_step", framework):
        offer.validation = partial(_validation, _step(sample, "validation_step"))
    trainer = offer.of_type(framework.Trainer)
    trainer = trainer if isinstance(trainer, framework.Trainer) else None
    attached = _attached(trainer, offer.values["train_data"])
    optimizer, scheduler = _configured(sample, attached)
    _groups(offer, optimizer, attached)
    settings = settings_of(optimizer, offer.said)
    if scheduler:
        settings["schedule"] = _schedule(scheduler, offer.said)
    if trainer is not None:
        settings |= _trainer_settings(trainer, offer.said)
    hooks = [name for name in _HOOKS if _defined(sample, name, framework)]
    if hooks:
        offer.said.append(f"{', '.join(hooks)} of {type(sample).__name__}: not called in probes")
    offer.said.append(f"settings read from configure_optimizers: {settings['optimizer']}, lr {settings['lr']:g}")
    offer.fill("settings", settings)


def _data(offer: Offer, framework: Any, sample: Any) -> None:
    given = offer.values["train_data"]
    kind = framework.LightningDataModule
    if given is None:
        given = offer.of_type(kind)
        if given is None and _defined(sample, "train_dataloader", framework):
            given = sample
    module = given() if inspect.isclass(given) and issubclass(given, kind) else given
    if not isinstance(module, (kind, framework.LightningModule)):
        return
    offer.values["train_data"] = offer.values["train_data"] if module is sample else None
    module.prepare_data()
    module.setup("fit")
    offer.said.append(f"data: the loaders of {type(module).__name__}")
    offer.fill("train_data", module.train_dataloader())
    if _defined(module, "val_dataloader", framework):
        loader = module.val_dataloader()
        offer.fill("val_data", loader[0] if isinstance(loader, list) else loader)


def _defined(module: Any, name: str, framework: Any) -> bool:
    """Whether the user's class defines a method."""
    own = getattr(type(module), name, None)
    bases = (framework.LightningModule, framework.LightningDataModule)
    return own is not None and all(own is not getattr(base, name, None) for base in bases)


def _step(sample: Any, name: str) -> Callable[[nn.Module, Any], Any]:
    """Calls the method of that name, with the batch index if it takes one."""
    numbered = len(inspect.signature(getattr(sample, name)).parameters) > 1

    def step(module: Any, batch: Any) -> Any:
        method = getattr(module, name)
        return method(batch, 0) if numbered else method(batch)

    return step


def _validation(step: Callable[[nn.Module, Any], Any], module: Any, batch: Any) -> tuple[Any, dict[str, float]]:
    """Runs ``validation_step``; returns its loss, if any, and the logged values."""
    logged: dict[str, float] = {}

    def log(name: str, value: Any, *_: Any, **__: Any) -> None:
        if hasattr(value, "compute") and hasattr(value, "reset"):  # a torchmetrics object
            metric, value = value, value.compute()
            metric.reset()
        if getattr(value, "ndim", 0) == 0:
            logged[name] = float(value)

    module.log = log
    try:
        result = step(module, batch)
    finally:
        del module.log
    if isinstance(result, dict):
        result = next((result[key] for key in ("loss", "val_loss") if key in result), None)
    return result, logged


@dataclass
class _Attached:
    """Stand-in for the Trainer attributes that ``configure_optimizers`` may read."""

    max_epochs: int = 10
    max_steps: int = -1
    estimated_stepping_batches: int = _STEPS_UNKNOWN
    num_training_batches: int = 100
    accumulate_grad_batches: int = 1
    world_size: int = 1
    global_step: int = 0
    current_epoch: int = 0


def _attached(trainer: Any, data: Any) -> _Attached:
    """With the lengths of the file's own Trainer, if known."""
    found = _Attached()
    if trainer is None:
        return found
    found.max_epochs = trainer.max_epochs or found.max_epochs
    found.max_steps = trainer.max_steps or -1
    found.accumulate_grad_batches = trainer.accumulate_grad_batches
    try:
        found.num_training_batches = len(data)
    except TypeError:
        return found
    steps = -(-found.num_training_batches // found.accumulate_grad_batches) * max(1, found.max_epochs)
    found.estimated_stepping_batches = min(steps, found.max_steps) if found.max_steps > 0 else steps
    return found


def _configured(module: Any, attached: _Attached) -> tuple[Any, Any]:
    """Optimizer and scheduler (or None) from ``configure_optimizers``."""
    module.trainer = attached
    try:
        found = module.configure_optimizers()
    except Exception as error:
        raise ContractError(
            "configure_optimizers that works without a running Trainer",
            f"{type(error).__name__}: {error}",
            "let it use only max_epochs and estimated_stepping_batches of self.trainer",
        ) from error
    finally:
        module._trainer = None
    schedulers: Any = None
    if isinstance(found, dict):
        found, schedulers = found["optimizer"], found.get("lr_scheduler")
    elif isinstance(found, (tuple, list)) and len(found) == 2 and isinstance(found[0], (tuple, list)):
        found, schedulers = found
    if isinstance(found, (tuple, list)):
        if len(found) != 1:
            raise _out_of_scope(f"{len(found)} optimizers")
        found = found[0]
    if isinstance(found, dict):
        found, schedulers = found["optimizer"], found.get("lr_scheduler")
    if found is None:
        raise ContractError("configure_optimizers to return an optimizer", "None", "return the one you train with")
    if isinstance(schedulers, (tuple, list)):
        schedulers = schedulers[0] if schedulers else None
    return found, schedulers


def _schedule(found: Any, said: list[str]) -> Keywords | None:
    interval = "epoch"
    if isinstance(found, dict):
        interval, found = str(found.get("interval", "epoch")), found["scheduler"]
    keywords = keywords_of(found)
    if keywords is None:
        said.append(f"{type(found).__name__} cannot be written as keywords: current settings run at a constant rate")
        return None
    return {**keywords, "interval": interval}


def _groups(offer: Offer, optimizer: Any, attached: _Attached) -> None:
    if len(optimizer.param_groups) > 1:
        offer.said.append(f"{len(optimizer.param_groups)} parameter groups of configure_optimizers")
        offer.fill("param_groups", lambda module: groups_of(_configured(module, attached)[0]))


def _trainer_settings(trainer: Any, said: list[str]) -> Keywords:
    """Settings from the Trainer's arguments; unsupported ones are reported."""
    others = [type(c).__name__ for c in trainer.callbacks if type(c).__name__ not in _QUIET]
    if others:
        said.append(f"{' and '.join(others)} of the Trainer: not used in probes")
    if trainer.gradient_clip_val and trainer.gradient_clip_algorithm == "value":
        said.append(f"gradients are clipped by value to {trainer.gradient_clip_val:g}: not supported in probes")
    if trainer.limit_train_batches != 1.0:
        said.append(f"limit_train_batches {trainer.limit_train_batches:g} of the Trainer is ignored: epochs are whole")
    settings: Keywords = {"amp": "16" in str(trainer.precision)}
    if trainer.max_epochs and trainer.max_epochs > 0:
        settings["epochs"] = int(trainer.max_epochs)
    if trainer.max_steps and trainer.max_steps > 0:
        settings["steps"] = int(trainer.max_steps)
    if trainer.gradient_clip_val and trainer.gradient_clip_algorithm != "value":
        settings["clip_grad_norm"] = float(trainer.gradient_clip_val)
    if trainer.accumulate_grad_batches > 1:
        settings["accumulation_steps"] = int(trainer.accumulate_grad_batches)
    return settings


def _out_of_scope(found: str) -> ContractError:
    return ContractError(
        "a LightningModule with one optimizer and automatic optimization",
        found,
        "trainings of several optimizers, such as GANs, are out of scope",
    )
