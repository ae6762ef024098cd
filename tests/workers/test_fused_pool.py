"""Groups of arms in worker processes: traces come one by one, and a fault costs the arm that has it."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from advisor.errors import OutputLost
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.records.trace import Trace
from advisor.workers.local import local_pool
from advisor.workers.pool import Pool

Write = Callable[..., Path]
Make = Callable[..., ProbeSpec]
PID = "\n\nimport os, pathlib\npathlib.Path(__file__).with_name('pid').write_text(str(os.getpid()))\n"


@pytest.fixture
def engine() -> Iterator[Callable[..., Pool]]:
    """Opens engines on a file, and closes them."""
    opened: list[Pool] = []

    def open_on(path: Path, fused: bool = True, workers: int = 1) -> Pool:
        opened.append(local_pool(workers, threads=1, device="cpu", fused=fused))
        opened[-1].open(TaskSource(str(path), device="cpu"))
        return opened[-1]

    yield open_on
    for each in opened:
        each.close()


def rung(spec: Make, rate: float, steps: int = 80) -> ProbeSpec:
    return spec(steps=steps, optimizer={"name": "SGD", "lr": rate, "momentum": 0.9}, schedule=None)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_traces_are_those_of_the_plain_pool(
    write: Write, spec: Make, engine: Callable[..., Pool], workers: int
) -> None:
    path = write()
    specs = [*(rung(spec, rate) for rate in (0.01, 0.03, 0.1, 0.3, 1e9)), spec(seed=8)]
    plain, told = engine(path, fused=False).run(specs), []
    ours = engine(path, workers=workers).run(specs, lambda each, trace: told.append((each.key, trace.key)))
    assert [trace.key for trace in ours] == [each.key for each in specs]
    assert sorted(told) == sorted((each.key, each.key) for each in specs)
    expected = ["finished"] * 4 + ["diverged", "finished"]
    assert [trace.status for trace in ours] == [trace.status for trace in plain] == expected
    for one, other in zip(ours, plain, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-3, nan_ok=True) or other.diverged
        assert one.val_loss == pytest.approx(other.val_loss, rel=1e-3)


def test_an_arm_that_kills_the_worker_is_the_only_one_that_fails(
    write: Write, spec: Make, engine: Callable[..., Pool]
) -> None:
    deadly = """

import os

def training_step(model, batch):
    value = loss(model(batch[0]), batch[1])
    if value > 1e4:
        os._exit(9)
    return value
"""
    told: list[tuple[str, str]] = []
    specs = [rung(spec, rate, 20) for rate in (0.03, 1e9, 0.1)]
    traces = engine(write(deadly)).run(specs, lambda each, trace: told.append((each.key, trace.status)))
    assert [trace.status for trace in traces] == ["finished", "failed", "finished"]
    assert "exit code 9" in traces[1].reason
    assert sorted(told) == sorted(zip((each.key for each in specs), ("finished", "failed", "finished"), strict=True))


def test_a_worker_that_is_killed_amid_a_group_costs_time_only(
    write: Write, spec: Make, engine: Callable[..., Pool]
) -> None:
    path = write(PID)
    specs = [rung(spec, rate, 400) for rate in (0.01, 0.03, 0.1)]
    pool = engine(path)
    killed: list[int] = []

    def kill(*_: object) -> None:
        if not killed:
            killed.append(int(path.with_name("pid").read_text()))
            os.kill(killed[0], signal.SIGKILL)

    traces = pool.run(specs, on_progress=kill)
    assert killed and pool.lost == 1
    assert [trace.status for trace in traces] == ["finished"] * 3


def test_what_the_ledger_raises_ends_the_round_and_not_the_worker(
    write: Write, spec: Make, engine: Callable[..., Pool]
) -> None:
    pool = engine(write())
    specs = [rung(spec, rate) for rate in (0.01, 0.03, 0.1)]

    def full(_: ProbeSpec, __: Trace) -> None:
        raise OutputLost("room", "none", "make some")

    with pytest.raises(OutputLost):
        pool.run(specs, full)
    assert [trace.status for trace in pool.run(specs)] == ["finished"] * 3
    assert pool.lost == 0
