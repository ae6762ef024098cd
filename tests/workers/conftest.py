from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.task.load import load_task
from advisor.task.task import Task

BASE = """
import torch
from torch import nn

_random = torch.Generator().manual_seed(0)
_inputs = torch.randn(240, 6, generator=_random)
_targets = (_inputs[:, :3].argmax(1) + (_inputs[:, 3] > 1.5)) % 3
train_data, val_data = (_inputs[:200], _targets[:200]), (_inputs[200:], _targets[200:])
loss = nn.CrossEntropyLoss()


def model():
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a task file: a small classification, and more code after it."""

    def make(more: str = "", name: str = "small.py") -> Path:
        path = tmp_path / name
        path.write_text(BASE + more, encoding="utf-8")
        return path

    return make


@pytest.fixture
def load(write: Callable[..., Path]) -> Callable[..., Task]:
    """The same, loaded in this process."""
    return lambda more="": load_task(TaskSource(path=str(write(more)), device="cpu"))


@pytest.fixture
def spec() -> Callable[..., ProbeSpec]:
    """A short probe, with changes."""

    def make(steps: int = 40, **changes: Any) -> ProbeSpec:
        fields: dict[str, Any] = {
            "kind": "cycle", "optimizer": {"name": "SGD", "lr": 0.1, "momentum": 0.9, "nesterov": True},
            "schedule": {"name": "OneCycleLR", "max_lr": 0.1, "cycle_momentum": False}, "batch_size": 20,
            "steps": steps, "seed": 3, "eval_steps": (steps // 2, steps), "eval_examples": 40,
        }  # fmt: skip
        return ProbeSpec(**{**fields, **changes})

    return make
