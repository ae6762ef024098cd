"""Trains a task under ``advisor.watch``, with or without an injected fault."""

import math
import sys
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import nn

from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.task.inspection import inspect_task
from advisor.task.load import load_task
from advisor.training.evaluation import evaluate
from advisor.training.trainer import Training
from advisor.watching.watch import watch

BENCHMARKS = Path(__file__).resolve().parents[1]
KINDS = (
    "rate far too high", "rate far too low", "not a number", "weights at zero", "optimizer holds another model",
    "layers left out", "ascent", "rate jumps",
)  # fmt: skip
LATE = 0.1
"""Share of the run after which a weight becomes NaN, or the learning rate jumps."""


def train(path: Path, kind: str, folder: Path) -> dict[str, Any]:
    """Trains a task under ``advisor.watch``.

    Args:
        path: File of the task.
        kind: Fault to inject, one of ``KINDS``; none if empty.
        folder: Output folder of the watch.

    Returns:
        Validation losses, watch.json, planned steps, and the number of reports and withdrawals of each finding.
    """
    sys.path.insert(0, str(BENCHMARKS / "faults_real" / "programs"))
    task = load_task(TaskSource(path=str(path)))
    inspect_task(task)
    config = task.current.config
    batch = min(config.batch_size, task.train.size)
    per_epoch = max(1, task.train.size // batch)
    steps = per_epoch * config.epochs
    factor = {"rate far too high": 300.0, "rate far too low": 1 / 3000}.get(kind, 1.0)
    optimizer = {
        **config.optimizer,
        "lr": config.optimizer["lr"] * factor,
        **({"maximize": True} if kind == "ascent" else {}),
    }
    schedule = config.schedule
    if schedule is not None and "max_lr" in schedule:
        schedule = {**schedule, "max_lr": schedule["max_lr"] * factor}
    spec = ProbeSpec(
        kind="cycle", optimizer=optimizer, schedule=schedule, batch_size=batch, steps=steps, seed=0,
        eval_steps=(steps,), eval_examples=task.val.size, clip_grad_norm=config.clip_grad_norm, amp=config.amp,
    )  # fmt: skip
    training = Training(task, spec)
    model, late = training.model, int(LATE * steps)
    if kind == "weights at zero":
        for parameter in model.parameters():
            nn.init.zeros_(parameter)
    if kind == "optimizer holds another model":
        other = task.fresh_model(1, spec.model_kwargs)
        _hold(training, task.param_groups(other))
    if kind == "layers left out":
        kept = {id(p) for p in list(model.parameters())[-2:]}
        training.optimizer.param_groups[0]["params"] = [
            p for p in training.optimizer.param_groups[0]["params"] if id(p) in kept
        ]
    losses: list[float] = []
    watched = watch(model, training.optimizer, total_steps=steps, name=f"{path.stem}, {kind or 'sound'}", out=folder,
                    overhead=1.0, tensorboard=False, say=lambda line: None)  # fmt: skip
    with warnings.catch_warnings(), watched:
        warnings.simplefilter("ignore")
        for step in range(1, steps + 1):
            if kind == "rate jumps" and step == late:
                for group in training.optimizer.param_groups:
                    group["lr"] *= 3000.0
                    group["initial_lr"] = group.get("initial_lr", group["lr"]) * 3000.0
                training.scheduler = None
            if kind == "not a number" and step == late:
                with torch.no_grad():
                    next(model.parameters()).view(-1)[0] = math.nan
            watched.step(training.step(step))
            if step % per_epoch == 0:
                result = evaluate(task, model, task.val, task.val.size, batch)
                losses.append(result.loss)
                watched.validation(result.loss, result.metric)
    turns = [item.turns for item in watched._judging.verdicts.standings]
    return {"losses": losses, "report": watched.report, "steps": steps, "turns": turns}


def _hold(training: Training, groups: Any) -> None:
    """Replaces the parameters of the optimizer by those of another model."""
    other = [p for group in (groups if isinstance(groups[0], dict) else [{"params": groups}]) for p in group["params"]]
    for group in training.optimizer.param_groups:
        group["params"] = other[: len(group["params"])]
