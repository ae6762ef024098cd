"""Worker processes: what goes wrong in one is a failed trace, and never more."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from advisor.errors import AdvisorError, NoRoom, TaskLost
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.utils.codec import to_text
from advisor.workers.local import LocalWorkers, local_pool
from advisor.workers.pool import Pool
from advisor.workers.process import WorkerProcess
from tests.processes import alive, essence

pytestmark = pytest.mark.usefixtures("warm")
Write = Callable[..., Path]
Make = Callable[..., ProbeSpec]
DANGEROUS_SEED = 666
FAULTS = {
    "os._exit": ("os._exit(9)", "exit code 9"),
    "segfault": ("ctypes.string_at(0)", "signal 11"),
    "kill": ("os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
    "sys.exit": ("sys.exit(4)", "SystemExit"),
    "exception": ("raise LookupError('mine')", "LookupError: mine"),
}
DANGER = """

import ctypes, os, signal, sys

_calls = 0


def loss(outputs, targets):
    global _calls
    _calls += torch.initial_seed() == {seed}
    if _calls > 15 and torch.initial_seed() == {seed}:
        {fault}
    return nn.functional.cross_entropy(outputs, targets)
"""


@pytest.fixture
def engine() -> Iterator[Callable[..., Pool]]:
    """Opens engines on a file, and closes them."""
    opened: list[Pool] = []

    def open_on(path: Path, workers: int = 1) -> Pool:
        opened.append(local_pool(workers, threads=1, device="cpu"))
        opened[-1].open(TaskSource(str(path), device="cpu"))
        return opened[-1]

    yield open_on
    for each in opened:
        each.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_crash_in_a_probe_is_a_failed_trace(
    fault: str, write: Write, spec: Make, engine: Callable[..., Pool]
) -> None:
    code, reason = FAULTS[fault]
    path = write(DANGER.format(seed=DANGEROUS_SEED, fault=code))
    pool = engine(path)
    bad, good = pool.run([spec(seed=DANGEROUS_SEED), spec(seed=1)])
    assert bad.status == "failed"
    assert reason in bad.reason
    assert good.status == "finished"
    (again,) = pool.run([spec(seed=1)])
    assert essence(again) == essence(good)


def test_a_worker_that_is_killed_from_outside_costs_nothing(
    write: Write, spec: Make, engine: Callable[..., Pool], cold: None
) -> None:
    path = write("\n\nimport os, pathlib\npathlib.Path(__file__).with_name('pid').write_text(str(os.getpid()))\n")
    pool = engine(path)
    (before,) = pool.run([spec()])
    first = int(path.with_name("pid").read_text())
    os.kill(first, signal.SIGKILL)
    (after,) = pool.run([spec()])
    assert pool.lost == 1
    assert essence(after) == essence(before)
    assert int(path.with_name("pid").read_text()) != first


class TurnedAway(WorkerProcess):
    """A worker for which there is no room."""

    def call(self, *_: object, **__: object) -> NoReturn:
        raise NoRoom("room for another worker", "none", "wait")


class Crowded(LocalWorkers):
    """A site with room for two workers, once."""

    started = 0

    def start(self) -> WorkerProcess:
        self.started += 1
        return super().start() if self.started <= 2 else TurnedAway()


def test_where_no_worker_can_be_replaced_those_left_go_on(write: Write, spec: Make) -> None:
    more = "\n\nimport os, pathlib\npathlib.Path(__file__).with_name(f'{os.getpid()}.pid').touch()\n"
    path = write(more)
    pool = Pool(Crowded(), 2)
    try:
        pool.open(TaskSource(str(path), device="cpu"))
        specs = [spec(seed=seed) for seed in range(6)]
        before = pool.run(specs)
        while len(pids := list(path.parent.glob("*.pid"))) < 2:
            time.sleep(0.1)
        os.kill(int(pids[0].stem), signal.SIGKILL)
        assert list(map(essence, pool.run(specs))) == list(map(essence, before))
        assert pool.workers == 1
        os.kill(int(pids[1].stem), signal.SIGKILL)
        with pytest.raises(TaskLost, match="a worker to continue with"):
            pool.run(specs)
    finally:
        pool.close()


@pytest.mark.parametrize("error", [ValueError, KeyError, OSError])
def test_what_is_wrong_in_the_listener_is_not_blamed_on_the_worker(
    error: type[Exception], write: Write, spec: Make, engine: Callable[..., Pool]
) -> None:
    def listener(*_: object) -> NoReturn:
        raise error("mine")

    pool = engine(
        write("\nimport time\n_plain = loss\n\ndef loss(o, t):\n    time.sleep(0.05)\n    return _plain(o, t)\n")
    )
    with pytest.raises(error, match="mine"):
        pool.run([spec()], on_progress=listener)
    (trace,) = pool.run([spec()])
    assert trace.status == "finished"


class Counted(LocalWorkers):
    """A site that remembers what it started."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[WorkerProcess] = []

    def start(self) -> WorkerProcess:
        self.started.append(super().start())
        return self.started[-1]


def test_a_worker_that_cannot_load_the_task_is_ended_and_replaced(write: Write, spec: Make) -> None:
    path = write("""

import pathlib
_loads = pathlib.Path(__file__).with_name("loads")
with _loads.open("a") as _file:
    _file.write("x")
if len(_loads.read_text()) == 2:
    raise ValueError("not now")
""")
    site = Counted()
    pool = Pool(site, 2)
    try:
        pool.open(TaskSource(str(path), device="cpu"))
        while len(site.started) < 2:
            time.sleep(0.05)
        assert site.started[1]._process.wait(20) != 0, "ended though the pool goes on"
        traces = pool.run([spec(seed=seed) for seed in range(4)])
        assert [trace.status for trace in traces] == ["finished"] * 4
        assert pool.lost == 0
    finally:
        pool.close()


def test_what_the_user_prints_stays_out_of_the_protocol(
    write: Write, spec: Make, engine: Callable[..., Pool], capfd: pytest.CaptureFixture[str]
) -> None:
    noise = """

import os, sys

print('{"kind": "done", "value": 1}', flush=True)


def loss(outputs, targets):
    print('{"kind": "error"}')
    sys.__stdout__.write("half a line")
    sys.__stdout__.flush()
    os.write(1, b'{"kind": "done", "value": {}}\\n')
    os.system("echo from a child")
    return nn.functional.cross_entropy(outputs, targets)
"""
    (quiet,) = engine(write()).run([spec(steps=8)])
    (loud,) = engine(write(noise, "loud.py")).run([spec(steps=8)])
    assert essence(loud) == essence(quiet)
    assert quiet.status == "finished"
    assert capfd.readouterr().out == ""


def test_the_number_of_workers_does_not_matter(write: Write, spec: Make, engine: Callable[..., Pool]) -> None:
    path = write()
    specs = [spec(seed=seed, optimizer={"name": "SGD", "lr": 0.05 * (seed + 1)}) for seed in range(6)]
    alone = engine(path, 1).run(specs)
    together = engine(path, 3).run(specs)
    assert list(map(essence, together)) == list(map(essence, alone))
    assert [trace.key for trace in alone] == [each.key for each in specs]


def test_progress_and_ends_are_told(write: Write, spec: Make, engine: Callable[..., Pool]) -> None:
    ended: list[tuple[str, str]] = []
    moved: list[int] = []
    pool = engine(
        write(
            "\n\nimport time\n\ndef loss(o, t):\n    time.sleep(0.02)\n    return nn.functional.cross_entropy(o, t)\n"
        )
    )
    pool.run(
        [spec()], lambda each, trace: ended.append((each.key, trace.status)), lambda _, told: moved.append(told.step)
    )
    assert ended == [(spec().key, "finished")]
    assert moved
    assert moved == sorted(moved)


def test_a_broken_file_is_one_error_and_its_traceback(tmp_path: Path, engine: Callable[..., Pool]) -> None:
    path = tmp_path / "broken.py"
    path.write_text("x = 1\nraise OSError('no disk')\n")
    with pytest.raises(AdvisorError) as caught:
        engine(path)
    assert "OSError: no disk (broken.py, line 2)" in caught.value.found
    assert "Traceback" in caught.value.details


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_workers_die_with_their_parent(busy: bool, write: Write, tmp_path: Path, spec: Make, cold: None) -> None:
    path = write("\n\nimport os, pathlib, time\npathlib.Path(__file__).with_name('pid').write_text(str(os.getpid()))\n"
                 "def loss(o, t):\n    time.sleep(600 if os.environ.get('BUSY') else 0)\n"
                 "    return nn.functional.cross_entropy(o, t)\n")  # fmt: skip
    program = (
        "import sys\n"
        "from advisor.workers.local import local_pool\n"
        "from advisor.records.task import TaskSource\n"
        "from advisor.utils.codec import from_text\n"
        "from advisor.records.spec import ProbeSpec\n"
        "engine = local_pool(1, threads=1, device='cpu')\n"
        "print('made', flush=True)\n"
        "engine.open(TaskSource(sys.argv[1], device='cpu'))\n"
        "print('open', flush=True)\n"
        "engine.run([from_text(ProbeSpec, sys.argv[2])])\n"
        "print('ran', flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(path), to_text(spec(steps=8))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, **({"BUSY": "1"} if busy else {})},
    )  # fmt: skip
    assert parent.stdout
    until = time.monotonic() + 60
    if busy:  # Inspection of the first batch already sleeps in the loss.
        while not path.with_name("pid").exists() and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
    else:
        assert [parent.stdout.readline().strip() for _ in range(3)] == ["made", "open", "ran"]
    worker = int(path.with_name("pid").read_text())
    assert alive(worker)
    parent.kill()
    parent.wait()
    until = time.monotonic() + 30
    while alive(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(worker)
