"""Settings of a task's file, and configurations derived from it without measurements."""

import itertools
from types import ModuleType
from typing import Any

import torch
from torch.utils.data import DataLoader

Config = dict[str, Any]


def full_run(task: ModuleType) -> int:
    """Number of training examples over the epochs of the user."""
    return len(task.train_data()) * int(task.settings["epochs"])


def loader(task: ModuleType) -> DataLoader[Any]:
    """The user's batches, shuffled."""
    return DataLoader(task.train_data(), batch_size=task.settings["batch_size"], shuffle=True, drop_last=True)


def as_given(task: ModuleType, lr: float | None = None) -> Config:
    """The user's own settings, with another learning rate if one is given; constant, as they are."""
    given = task.settings
    keep = {key: given[key] for key in ("momentum", "weight_decay") if key in given}
    optimizer = {"name": given["optimizer"], "lr": given["lr"] if lr is None else lr, **keep}
    return config(task, optimizer, None)


def config(task: ModuleType, optimizer: Config, schedule: Config | None) -> Config:
    """A configuration at the user's own batch size and epochs."""
    return {
        "optimizer": optimizer,
        "schedule": schedule,
        "batch_size": task.settings["batch_size"],
        "epochs": task.settings["epochs"],
    }


def user_optimizer(task: ModuleType, model: torch.nn.Module, lr: float) -> torch.optim.Optimizer:
    """The user's optimizer at a learning rate."""
    keywords = as_given(task, lr)["optimizer"]
    return getattr(torch.optim, keywords.pop("name"))(model.parameters(), **keywords)


def one_cycle(task: ModuleType, lr: float) -> Config:
    """The user's optimizer under torch's 1cycle with its defaults, for which finders suggest rates."""
    return {**as_given(task, lr), "schedule": {"name": "OneCycleLR", "max_lr": lr}}


def fit_one_cycle(task: ModuleType, lr: float) -> Config:
    """What fastai's ``fit_one_cycle`` does with the user's optimizer, as torch settings.

    Source: fastai 2.8.12, callback/schedule.py (``div=25, div_final=1e5, pct_start=0.25, moms=(0.95, 0.85, 0.95)``).
    """
    decay = task.settings["weight_decay"]
    if task.settings["optimizer"] == "SGD":
        optimizer = {"name": "SGD", "lr": lr, "momentum": 0.95, "weight_decay": decay}
    else:
        optimizer = {"name": "AdamW", "lr": lr, "betas": [0.95, 0.99], "eps": 1e-5, "weight_decay": decay}
    cycle = {"pct_start": 0.25, "div_factor": 25.0, "final_div_factor": 4000.0}
    momentum = {"base_momentum": 0.85, "max_momentum": 0.95}
    return config(task, optimizer, {"name": "OneCycleLR", "max_lr": lr, **cycle, **momentum})


def decayed(task: ModuleType, lr: float, total: float, steps: int, size: int, epochs: int) -> Config:
    """1cycle at a rate with momentum 0.9 and the weight decay that gives this total over ``steps``."""
    sgd = task.settings["optimizer"] == "SGD"
    decay = total / (lr * (10.0 if sgd else 1.0) * steps)
    more = {"momentum": 0.9, "nesterov": True} if sgd else {"betas": [0.9, 0.999]}
    cycle = {"pct_start": 0.3, "div_factor": 10, "final_div_factor": 1000, "cycle_momentum": False}
    return {
        "optimizer": {"name": task.settings["optimizer"], "lr": lr, "weight_decay": decay, **more},
        "schedule": {"name": "OneCycleLR", "max_lr": lr, **cycle},
        "batch_size": size,
        "epochs": epochs,
    }


def one_default(task: ModuleType) -> Config:
    """One good default for all: SGD 0.1 or AdamW 0.006 under 1cycle, with a total decay of 2.5."""
    given = task.settings
    steps = max(1, len(task.train_data()) // given["batch_size"]) * given["epochs"]
    lr = 0.1 if given["optimizer"] == "SGD" else 0.006
    return decayed(task, lr, 2.5, steps, given["batch_size"], given["epochs"])


def untuned(task: ModuleType) -> dict[str, Config]:
    """Rivals that measure nothing: settings as given, defaults, optimizers that promise to need no learning rate."""
    given = task.settings
    decay = given["weight_decay"]
    sgd = given["optimizer"] == "SGD"
    free_sgd = {"name": "SGDScheduleFree", "lr": 1.0, "weight_decay": decay, "warmup": 0.05}
    free_adamw = {"name": "AdamWScheduleFree", "lr": 0.0025, "weight_decay": decay, "warmup": 0.05}
    prodigy = {"name": "Prodigy", "lr": 1.0, "weight_decay": decay}
    return {
        "as_given": as_given(task),
        "default_lr": as_given(task, 1e-3),
        "one_default": one_default(task),
        "adamw_default": config(task, {"name": "AdamW", "lr": 1e-3, "weight_decay": 0.01}, None),
        "prodigy": config(task, prodigy, {"name": "CosineAnnealingLR"}),
        "schedule_free": config(task, free_sgd if sgd else free_adamw, None),
        "schedule_free_adamw": config(task, free_adamw, None),
    }


def batches(task: ModuleType, steps: int, size: int) -> list[Any]:
    """The first ``steps`` batches of the training data, for batch norm's statistics."""
    loaded = DataLoader(task.train_data(), batch_size=size, shuffle=True, drop_last=True)
    return [inputs for inputs, _ in itertools.islice(loaded, steps)]
