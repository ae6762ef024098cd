"""Plain PyTorch: a function that creates optimizer and scheduler, and a training loop that uses them."""

from __future__ import annotations

from advisor.config.config import Config
from advisor.export.code import comment, folded, optimizer_call, scheduler_call

_TEXT = '''import torch
from torch.utils.data import DataLoader

{comment}
BATCH_SIZE = {batch_size}
EPOCHS = {epochs}


def configure(params, total_steps):
    """Optimizer and learning-rate scheduler for a run of ``total_steps`` optimizer steps."""
    optimizer = {optimizer}
    scheduler = {scheduler}
    return optimizer, scheduler


def train(model, dataset, loss, device="cpu", epochs=EPOCHS):
    """Trains ``model`` on a ``dataset`` of (inputs, targets) with ``loss(outputs, targets)``."""
    loader = DataLoader(dataset, batch_size=min(BATCH_SIZE, len(dataset)), shuffle=True, drop_last=True)
    params = [p for p in model.to(device).parameters() if p.requires_grad]
    optimizer, scheduler = configure(params, epochs * len(loader))
    model.train()
    for _ in range(epochs):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
{forward}
            optimizer.step(){step}
    return model
'''


def text(config: Config) -> str:
    """Source of a module."""
    scheduler = scheduler_call(config, "optimizer", "total_steps")
    lines = ["loss(model(inputs), targets).backward()"]
    if config.amp:
        lines = [
            "with torch.autocast(torch.device(device).type, dtype=torch.bfloat16):",
            "    value = loss(model(inputs), targets)",
            "value.backward()",
        ]
    if config.clip_grad_norm is not None:
        lines.append(f"torch.nn.utils.clip_grad_norm_(params, {config.clip_grad_norm!r})")
    return _TEXT.format(
        comment=comment(config),
        batch_size=config.batch_size,
        epochs=config.epochs,
        optimizer=folded(optimizer_call(config, "params"), 4),
        scheduler=folded(scheduler, 4) or "None  # the rate is constant",
        forward="\n".join(f"            {line}" for line in lines),
        step="\n            scheduler.step()" if scheduler else "",
    )
