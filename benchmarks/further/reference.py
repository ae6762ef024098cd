"""Trains a task with one configuration in PyTorch's keyword names: a plain loop that owes nothing to the product."""

import importlib
import math
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch.optim import lr_scheduler

sys.path.insert(0, str(Path(__file__).parent / "tasks"))


@lru_cache
def load(name: str) -> tuple[Any, list[tuple[torch.Tensor, torch.Tensor]]]:
    """The task's module, and its training, validation and test tensors."""
    task = importlib.import_module(name)
    return task, [part.tensors for part in (task.train_data, task.val_data, task.test_data)]


def mean_loss(task: Any, model: torch.nn.Module, part: tuple[torch.Tensor, torch.Tensor]) -> float:
    """Over all examples, in evaluation mode."""
    model.eval()
    with torch.no_grad():
        sums = [task.loss(model(x), y).item() * len(x) for x, y in zip(*(t.split(500) for t in part), strict=True)]
    model.train()
    return sum(sums) / len(part[0])


def train(name: str, config: dict[str, Any], seed: int = 0) -> dict[str, float]:
    """Validation and test loss at the end; infinite if training broke."""
    task, (data, val, test) = load(name)
    torch.manual_seed(1000 + seed)
    model = task.model()
    optimizer_keywords, schedule = dict(config["optimizer"]), dict(config.get("schedule") or {})
    optimizer = getattr(torch.optim, optimizer_keywords.pop("name"))(model.parameters(), **optimizer_keywords)
    size = min(config["batch_size"], len(data[0]))
    per_epoch = max(1, len(data[0]) // size)
    steps = max(20, per_epoch * config["epochs"])
    scheduler = None
    if schedule:
        schedule |= {"total_steps": steps}
        scheduler = getattr(lr_scheduler, schedule.pop("name"))(optimizer, **schedule)
    order = torch.Generator().manual_seed(seed)
    for step in range(steps):
        if step % per_epoch == 0:
            shuffled = torch.randperm(len(data[0]), generator=order)
        chosen = shuffled[(step % per_epoch) * size :][:size]
        loss = task.loss(model(data[0][chosen]), data[1][chosen])
        if not math.isfinite(loss.item()):
            return {"val_loss": math.inf, "test_loss": math.inf}
        optimizer.zero_grad()
        loss.backward()
        if config.get("clip_grad_norm"):
            torch.nn.utils.clip_grad_norm_(model.parameters(), config["clip_grad_norm"])
        optimizer.step()
        if scheduler is not None and step < steps - 1:
            scheduler.step()
    losses = {"val_loss": mean_loss(task, model, val), "test_loss": mean_loss(task, model, test)}
    return losses if all(map(math.isfinite, losses.values())) else {"val_loss": math.inf, "test_loss": math.inf}
