"""Probes that several processes train together: real ones, over gloo."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from advisor.errors import ContractError
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.records.trace import Trace
from advisor.workers.local import local_pool
from advisor.workers.messages import LoadedTask
from advisor.workers.pool import Pool
from tests.processes import alive

pytestmark = pytest.mark.usefixtures("warm")
Write = Callable[..., Path]
Make = Callable[..., ProbeSpec]
ADAMW = {"name": "AdamW", "lr": 0.01, "weight_decay": 0.01}
PIDS = """

import os, pathlib

pathlib.Path(__file__).with_name(f"{os.getpid()}.pid").touch()
"""
SLOW = """

import time
_plain = loss


def loss(outputs, targets):
    time.sleep(0.02)
    return _plain(outputs, targets)
"""
ONE_SIDED = """
_plain, _calls = loss, 0


def loss(outputs, targets):
    global _calls
    _calls += (own := len(targets) == 12 and outputs.requires_grad)
    if own and _calls == 8:
        raise LookupError("mine")
    return _plain(outputs, targets)
"""
NORMALISED = """

def model():
    return nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
"""


@contextmanager
def opened(path: Path, nproc: int, device: str = "cpu") -> Iterator[tuple[Pool, LoadedTask]]:
    pool = local_pool(1, threads=1, device=device, nproc=nproc)
    try:
        yield pool, pool.open(TaskSource(str(path), device=device, nproc=nproc))
    finally:
        pool.close()


def numbers(trace: Trace) -> list[float]:
    assert trace.status == "finished", trace.reason
    return [*trace.train_loss, *trace.val_loss, *trace.grad_norm, *trace.weight_norm, trace.train_eval_loss]


def test_two_processes_train_as_one_does(write: Write, spec: Make) -> None:
    specs = [
        spec(eval_train=True),
        spec(optimizer=ADAMW, schedule=None, clip_grad_norm=0.5, batch_size=25, eval_train=True),
        spec(batch_size=1, noise_examples=60, eval_train=True),  # The second process has nothing to compute.
    ]
    with opened(path := write(), 1) as (pool, _):
        alone = pool.run(specs)
    with opened(path, 2) as (pool, loaded):
        together = pool.run(specs)
    for one, two in zip(alone, together, strict=True):
        assert numbers(two) == pytest.approx(numbers(one), rel=1e-5, abs=1e-5)
    assert together[2].noise_scale == pytest.approx(alone[2].noise_scale, rel=1e-3)
    assert "the batch of 64 is the total, 32 on each" in " ".join(loaded.facts.inferred)
    assert not any("are not those of one process" in said for said in loaded.facts.inferred)


def test_what_one_process_normalises_is_not_called_equal(write: Write, spec: Make) -> None:
    with opened(write(NORMALISED), 2) as (pool, loaded):
        assert "results are not those of one process" in " ".join(loaded.facts.inferred)
        (trace,) = pool.run([spec()])
    assert trace.status == "finished", trace.reason


def test_a_process_that_fails_alone_fails_the_probe(write: Write, spec: Make) -> None:
    with opened(write(ONE_SIDED), 2) as (pool, _):
        failed, after = pool.run([spec(batch_size=25), spec()])
        assert pool.lost == 0
    assert (failed.status, failed.reason) == ("failed", "LookupError: mine (in process 2 of 2)")
    assert after.status == "finished", after.reason


def test_a_killed_process_costs_one_probe_and_leaves_none(write: Write, spec: Make, cold: None) -> None:
    path = write(PIDS + SLOW)
    with opened(path, 2) as (pool, _):
        first = {int(file.stem) for file in path.parent.glob("*.pid")}
        assert len(first) == 2
        begun = threading.Event()
        running = threading.Thread(target=lambda: traces.extend(pool.run([spec()], None, lambda *_: begun.set())))
        traces: list[Trace] = []
        running.start()
        assert begun.wait(60)
        os.kill(max(first, key=started), signal.SIGKILL)
        running.join()
        assert [trace.status for trace in traces] == ["finished"]
        assert pool.lost == 1
        assert not any(map(alive, first))
    every = {int(file.stem) for file in path.parent.glob("*.pid")}
    assert len(every) == 4
    until = time.monotonic() + 10
    while any(map(alive, every)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, every))


def started(pid: int) -> int:
    """When a process was started: the other processes are started by the first one."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def test_every_process_needs_a_device_of_its_own(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with (
        pytest.raises(ContractError, match="2 CUDA devices, one for each process of --nproc 2"),
        opened(write(), 2, device="cuda"),
    ):
        pass
