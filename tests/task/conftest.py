from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.records.task import Shapes, TaskSource
from advisor.task.inspection import inspect_task
from advisor.task.load import load_task
from advisor.task.task import Task

HEAD = "import numpy as np\nimport torch\nfrom torch import nn\n"
MODEL = "model = lambda: nn.Linear(4, 3)\n"
DATA = "x, y = torch.randn(50, 4), torch.arange(50) % 3\ntrain_data = (x, y)\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a task file; by default with a model of four inputs and three outputs, and data that fit it."""

    def make(more: str = "", *, data: str = DATA, model: str = MODEL, name: str = "task_file.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + data + model + more, encoding="utf-8")
        return path

    return make


@pytest.fixture
def load(write: Callable[..., Path]) -> Callable[..., tuple[Task, Shapes]]:
    """The same, loaded and inspected in this process."""

    def make(more: str = "", *, names: dict[str, str] | None = None, **parts: Any) -> tuple[Task, Shapes]:
        task = load_task(TaskSource(path=str(write(more, **parts)), names=names or {}, device="cpu"))
        return task, inspect_task(task)

    return make
