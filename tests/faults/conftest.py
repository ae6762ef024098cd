from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.workers.local import local_pool
from advisor.workers.pool import Pool
from advisor.workers.timeouts import Limits

TASK = """
import os, pathlib, signal, subprocess, sys, threading, time

import torch
from sklearn.datasets import load_iris
from torch import nn

x, y = load_iris(return_X_y=True)
order = torch.randperm(150, generator=torch.Generator().manual_seed(0))
x, y = torch.tensor(x, dtype=torch.float32)[order], torch.tensor(y)[order]
x = (x - x.mean(0)) / x.std(0)
train_data, val_data = (x[:110], y[:110]), (x[110:], y[110:])
settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 10, "epochs": 60}
here = pathlib.Path(__file__).parent


def model():
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))


def loss(outputs, targets):
    return nn.functional.cross_entropy(outputs, targets)
"""


@pytest.fixture(scope="session")
def source() -> str:
    """A task that takes seconds: iris."""
    return TASK


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a task file: iris, and more code after it."""

    def make(more: str = "", name: str = "iris.py") -> Path:
        path = tmp_path / name
        path.write_text(TASK + more, encoding="utf-8")
        return path

    return make


@pytest.fixture
def spec() -> Callable[..., ProbeSpec]:
    """A short probe, with changes."""

    def make(seed: int = 0, steps: int = 30, **changes: Any) -> ProbeSpec:
        fields: dict[str, Any] = {
            "kind": "cycle", "optimizer": {"name": "SGD", "lr": 0.1, "momentum": 0.9}, "schedule": None,
            "batch_size": 20, "steps": steps, "seed": seed, "eval_steps": (steps,), "eval_examples": 40,
        }  # fmt: skip
        return ProbeSpec(**{**fields, **changes})

    return make


@pytest.fixture
def engine() -> Iterator[Callable[..., Pool]]:
    """Opens engines on a file, and closes them."""
    opened: list[Pool] = []

    def open_on(path: Path, limits: Limits | None = None) -> Pool:
        opened.append(local_pool(1, threads=1, device="cpu", limits=limits))
        opened[-1].open(TaskSource(str(path), device="cpu"))
        return opened[-1]

    yield open_on
    for each in opened:
        each.close()
