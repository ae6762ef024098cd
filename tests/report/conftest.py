import importlib.util
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from advisor.probes.spec import ProbeSpec
from advisor.probes.trace import Trace


def _sample() -> ModuleType:
    spec = importlib.util.spec_from_file_location("report_sample", Path(__file__).with_name("sample.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SAMPLE = _sample()


@pytest.fixture
def sample() -> ModuleType:
    """The module of the sample reports."""
    return SAMPLE


@pytest.fixture(params=["healthy", "untrainable", "interrupted"])
def report(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each sample report in turn."""
    return getattr(SAMPLE, request.param)()


@pytest.fixture
def healthy() -> dict[str, Any]:
    return SAMPLE.healthy()


def make_arm(lr: float = 0.1, seed: int = 0, diverged: bool = False, **more: Any) -> tuple[ProbeSpec, Trace]:
    steps = 40
    spec = ProbeSpec(
        kind="cycle",
        optimizer={"name": "SGD", "lr": lr, **more.pop("optimizer", {"momentum": 0.9})},
        schedule={"name": "OneCycleLR", "max_lr": lr},
        batch_size=64,
        steps=steps,
        seed=seed,
        eval_steps=(20, 40),
        eval_examples=128,
    )
    train = [2.3 * math.exp(-step / 20) for step in range(steps)]
    if diverged:
        train[30:] = [math.nan] * 10
    nan = math.nan
    trace = Trace(
        key=spec.key,
        status="diverged" if diverged else "finished",
        reason="loss is not finite" if diverged else "",
        step=tuple(range(1, steps + 1)),
        train_loss=tuple(train),
        lr=tuple(lr * step / steps for step in range(steps)),
        momentum=tuple([nan if spec.momentum is None else 0.9] * steps),
        norm_step=(1, 20, 40),
        grad_norm=(3.0, 2.0, nan if diverged else 1.0),
        weight_norm=(10.0, 11.0, 12.0),
        eval_step=(20, 40),
        val_loss=(0.9, nan if diverged else 0.4),
        val_metric=(0.7, nan if diverged else 0.9),
        val_loss_se=0.01,
        step_seconds=0.01,
        seconds=0.5,
        train_examples=2560,
        eval_examples=256,
    )
    return spec, trace


@pytest.fixture
def arm() -> Any:
    """A maker of one probe's spec and trace."""
    return make_arm
