"""Trains a file with its current settings, independently of the advisor."""

import math
import statistics
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, TensorDataset


def load(path: Path) -> SimpleNamespace:
    """The names of a ``model.py``."""
    names: dict[str, Any] = {"__name__": path.stem}
    exec(compile(path.read_text(), str(path), "exec"), names)
    return SimpleNamespace(**names)


def train(path: Path, seed: int, config: dict[str, Any] | None = None) -> dict[str, float]:
    """One full training under a seed.

    Args:
        path: The file.
        seed: Of the initial weights, the batch order and dropout.
        config: A recommended configuration instead of the file's own settings.

    Returns:
        Validation ``loss`` (infinite if training diverged) and, for classes, the ``error`` rate at the end.
    """
    file = load(path)
    config = config or as_config(file.settings)
    torch.manual_seed(seed)
    model = file.model()
    batches, steps = _batches(file.train_data(), config, seed)
    groups = file.param_groups(model) if hasattr(file, "param_groups") else model.parameters()
    keywords = dict(config["optimizer"])
    optimizer = getattr(torch.optim, keywords.pop("name"))(groups, **keywords)
    scheduler = _scheduler(optimizer, config["schedule"], steps)
    model.train()
    for step in range(1, steps + 1):
        inputs, targets = next(batches)
        optimizer.zero_grad()
        loss = file.loss(model(inputs), targets)
        loss.backward()
        if config.get("clip_grad_norm"):
            torch.nn.utils.clip_grad_norm_(model.parameters(), config["clip_grad_norm"])
        optimizer.step()
        if scheduler is not None and step < steps:
            scheduler.step()
        if step % 20 == 0 and not math.isfinite(loss.item()):
            return {"loss": math.inf, "error": 1.0}
    return _score(file, model)


def as_config(settings: dict[str, Any]) -> dict[str, Any]:
    """A file's ``settings`` in the form of a recommended configuration."""
    rest = dict(settings)
    own = {name: rest.pop(name, None) for name in ("schedule", "batch_size", "epochs", "clip_grad_norm")}
    return {"optimizer": {"name": rest.pop("optimizer"), **rest}, **own}


def constant_prediction(path: Path) -> dict[str, float]:
    """Loss and error of the best constant prediction, found by training one."""
    file = load(path)
    targets = _pair(file.train_data())[1]
    outputs = file.model()(_pair(file.train_data())[0][:4])
    constant = torch.zeros(1, *outputs.shape[1:], requires_grad=True)
    optimizer = torch.optim.Adam([constant], lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        file.loss(constant.expand(len(targets), *outputs.shape[1:]), targets).backward()
        optimizer.step()
    inputs, val = _pair(file.val_data())
    return _measure(file, constant.detach().expand(len(inputs), *outputs.shape[1:]), val)


def _pair(data: Any) -> tuple[torch.Tensor, torch.Tensor]:
    inputs, targets = data.dataset.tensors if isinstance(data, DataLoader) else data
    return inputs, targets


def _batches(data: Any, config: dict[str, Any], seed: int) -> tuple[Any, int]:
    size = min(config["batch_size"], len(_pair(data)[0]))
    generator = torch.Generator().manual_seed(seed)
    if isinstance(data, DataLoader):
        loader = data
    else:
        loader = DataLoader(TensorDataset(*data), size, shuffle=True, drop_last=True, generator=generator)

    def forever() -> Any:
        while True:
            yield from loader

    return forever(), config["epochs"] * max(1, len(_pair(data)[0]) // size)


def _scheduler(optimizer: torch.optim.Optimizer, schedule: dict[str, Any] | None, steps: int) -> Any:
    if not schedule:
        return None
    keywords = dict(schedule)
    name = keywords.pop("name")
    if name == "OneCycleLR":
        keywords["total_steps"] = steps
    if name == "CosineAnnealingLR":
        keywords["T_max"] = steps
    return getattr(lr_scheduler, name)(optimizer, **keywords)


def _score(file: SimpleNamespace, model: torch.nn.Module) -> dict[str, float]:
    inputs, targets = _pair(file.val_data())
    model.eval()
    with torch.no_grad():
        return _measure(file, model(inputs), targets)


def _measure(file: SimpleNamespace, outputs: torch.Tensor, targets: torch.Tensor) -> dict[str, float]:
    loss = float(file.loss(outputs, targets))
    if not targets.is_floating_point():
        wrong = (outputs.argmax(1) != targets).float()
    elif bool(((targets == 0) | (targets == 1)).all()):
        between = 0.5 if bool(((outputs >= 0) & (outputs <= 1)).all()) else 0.0
        wrong = ((outputs > between) != (targets > 0.5)).float()
    else:
        wrong = torch.tensor(math.nan)
    return {"loss": loss if math.isfinite(loss) else math.inf, "error": float(wrong.mean())}


def over_seeds(path: Path, seeds: int, config: dict[str, Any] | None = None) -> dict[str, list[float]]:
    """Losses and errors of several trainings."""
    runs = [train(path, seed, config) for seed in range(seeds)]
    return {name: [round(run[name], 6) for run in runs] for name in ("loss", "error")}


def median(values: list[float]) -> float:
    """Middle value, diverged runs included."""
    return statistics.median(values)
