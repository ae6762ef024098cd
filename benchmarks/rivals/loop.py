"""The loop of the reference trainer, step for step, with optimizers of other packages and a callback after each step.

With an optimizer of torch.optim and no callback it gives the same losses as ``reference.train``.
"""

import math
from collections.abc import Callable
from typing import Any

import prodigyopt
import schedulefree
import torch
from tasks import Config, batches
from torch.optim import lr_scheduler

Look = Callable[[int, torch.nn.Module], bool]
OTHERS = {
    "Prodigy": prodigyopt.Prodigy,
    "SGDScheduleFree": schedulefree.SGDScheduleFree,
    "AdamWScheduleFree": schedulefree.AdamWScheduleFree,
}


def build(model: torch.nn.Module, config: Config, total: int) -> tuple[Any, Any]:
    """Optimizer and scheduler; ``warmup`` is the share of steps that Schedule-Free warms up over."""
    keywords = dict(config["optimizer"])
    name = keywords.pop("name")
    if "warmup" in keywords:
        keywords["warmup_steps"] = round(keywords.pop("warmup") * total)
    optimizer = OTHERS.get(name, getattr(torch.optim, name, None))(model.parameters(), **keywords)
    if not config.get("schedule"):
        return optimizer, None
    schedule = dict(config["schedule"])
    name = schedule.pop("name")
    length = {"total_steps": total} if name == "OneCycleLR" else {"T_max": total}
    return optimizer, getattr(lr_scheduler, name)(optimizer, **length, **schedule)


def train(
    reference: Any, name: str, config: Config, seed: int, length: float = 1.0, look: Look | None = None
) -> dict[str, Any]:
    """Trains as ``reference.train`` does and returns its losses, and the examples trained on.

    Args:
        reference: the evaluation folder's ``reference`` module.
        name: the task.
        config: what to train with.
        seed: of initial weights, batch order and dropout.
        length: share of the steps into which the whole schedule is squeezed.
        look: called after each step with its number and the model; training stops where it returns True. A run that
            is looked into is a trial of a search: its test loss is not measured.
    """
    task, (data, val, test) = reference.load(name)
    torch.manual_seed(1000 + seed)
    model = task.model()
    model.train()
    size = min(config["batch_size"], len(data[0]))
    per_epoch = max(1, len(data[0]) // size)
    total = max(20, round(per_epoch * config["epochs"] * length))
    optimizer, scheduler = build(model, config, total)
    if hasattr(optimizer, "train"):
        optimizer.train()
    generator = torch.Generator().manual_seed(seed)
    step, failed, stopped = 0, False, False
    while step < total and not (failed or stopped):
        order = torch.randperm(len(data[0]), generator=generator)
        for i in range(min(per_epoch, total - step)):
            index = order[i * size : (i + 1) * size]
            loss = task.loss(model(data[0][index]), data[1][index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if scheduler and step < total:
                scheduler.step()
            failed = not math.isfinite(loss.item())
            stopped = not failed and look is not None and look(step, model)
            if failed or stopped:
                break
    if not failed and hasattr(optimizer, "eval"):
        settle(task, model, optimizer, size)
    val_loss = math.inf if failed or stopped else reference.score(task, model, val)[0]
    result = {
        "val_loss": val_loss if math.isfinite(val_loss) else math.inf,
        "examples": step * size,
        "stopped": stopped,
    }
    if look is None:
        result["test_loss"] = reference.score(task, model, test)[0] if math.isfinite(val_loss) else math.inf
    return result


def settle(task: Any, model: torch.nn.Module, optimizer: Any, size: int) -> None:
    """Schedule-Free's averaged weights, with batch norm's statistics measured at them (as its read-me asks)."""
    model.train()
    optimizer.eval()
    with torch.no_grad():
        for inputs in batches(task, 50, size):
            model(inputs)
