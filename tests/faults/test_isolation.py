"""Faults in the user's code cost at most the probe: never the run, never the machine."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.errors import TaskLost
from advisor.records.spec import ProbeSpec
from advisor.utils.codec import to_text
from advisor.workers.pool import Pool
from advisor.workers.timeouts import Limits
from tests.processes import alive, essence

Write = Callable[..., Path]
Make = Callable[..., ProbeSpec]
Engine = Callable[..., Pool]
RUDE = """

plain = loss


def loss(outputs, targets):
    rude = torch.initial_seed()
    if not (here / "full").exists():
        (here / "full").touch()
        raise torch.OutOfMemoryError("while the task is loaded")
    if rude == 101:
        time.sleep(600)
    if rude == 102:
        os.write(2, b"x" * 2**20)
        print("y" * 2**20)
    if rude == 103:
        os.chdir("/")
        os.environ.clear()
        signal.signal(signal.SIGINT, lambda *_: os._exit(1))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        torch.set_default_dtype(torch.float64)
        sys.path.clear()
    if rude == 104:
        threading.Thread(target=time.sleep, args=(600,)).start()
        subprocess.Popen(["sleep", "600"])
    if rude == 105:
        raise KeyboardInterrupt
    if rude == 106 and os.fork() == 0:
        raise ValueError("in a forked child")
    if rude == 107 and (here / "claimed").exists() and not (here / "claimed").unlink():
        raise RuntimeError("CUDA error: device-side assert triggered")
    if rude == 108:
        os._exit(1)
    return plain(outputs, targets)
"""
ALL = """

import tempfile
from multiprocessing import shared_memory

(here / "marks").mkdir(exist_ok=True)


def mark(pid):
    (here / "marks" / str(pid)).touch()


class Slow(torch.utils.data.Dataset):
    def __len__(self):
        return 110

    def __getitem__(self, index):
        mark(os.getpid())
        time.sleep(0.02)  # so that the loader's worker of an epoch lives for seconds
        return x[index], y[index]


train_data = torch.utils.data.DataLoader(Slow(), batch_size=10, num_workers=1)
mark(os.getpid())
mark(subprocess.Popen(["sleep", "600"]).pid)
daemon = "import os, sys, time; os.setsid(); os.fork() and os._exit(0); open(sys.argv[1] + str(os.getpid()), 'w')"
subprocess.run([sys.executable, "-c", daemon + "; time.sleep(600)", str(here / "marks") + "/"])
temporary = tempfile.mkdtemp()
shared = shared_memory.SharedMemory(create=True, size=1000)
(here / "names").write_text(temporary + " /dev/shm/" + shared.name)
"""


def test_rude_code_costs_its_own_probe(
    write: Write, spec: Make, engine: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(RUDE)
    pool = engine(path, Limits(step_timeout=4.0))
    (path.parent / "claimed").touch()
    seeds = [1, 102, 103, 104, 105, 106, 1, 107, 101, 1]
    ran = pool.run([spec(seed) for seed in seeds])
    traces = dict(zip(seeds, ran, strict=True))
    assert traces[101].status == "failed"
    assert traces[101].reason == "no sign of life for 4 seconds"
    assert traces[105].status == "failed"
    assert "KeyboardInterrupt" in traces[105].reason
    assert {trace.status for seed, trace in traces.items() if seed not in (101, 105)} == {"finished"}
    assert essence(ran[0]) == essence(ran[6]) == essence(ran[9])
    assert pool.lost == 3
    assert len(ran[0].val_metric) == 1, "loading was tried again with everything that belongs to it"
    path.write_text(path.read_text() + "# edited while the run goes on\n")
    with pytest.raises(TaskLost, match="changed during the run"):
        pool.run([spec(108)])
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_outlives_an_advisor_that_is_killed(write: Write, spec: Make) -> None:
    path = write(ALL)
    program = (
        "import sys\n"
        "from advisor.workers.local import local_pool\n"
        "from advisor.records.task import TaskSource\n"
        "from advisor.utils.codec import from_text\n"
        "from advisor.records.spec import ProbeSpec\n"
        "engine = local_pool(1, threads=1, device='cpu')\n"
        "engine.open(TaskSource(sys.argv[1], device='cpu'))\n"
        "print(engine._factory._temporary, flush=True)\n"
        "engine.run([from_text(ProbeSpec, sys.argv[2])], None, lambda *_: print('busy', flush=True))\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(path), to_text(spec(steps=100000))],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert parent.stdout
    folder = Path(parent.stdout.readline().strip())
    assert parent.stdout.readline() == "busy\n"
    until = time.monotonic() + 120
    marks: list[int] = []
    living: list[int] = []
    while len(living) < 4 and time.monotonic() < until:
        time.sleep(0.05)
        marks = [int(mark.name) for mark in (path.parent / "marks").iterdir()]
        living = [pid for pid in marks if alive(pid)]
    keepers = [int(pid) for pid in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()]
    names = [Path(name) for name in (path.parent / "names").read_text().split()]
    assert len(marks) >= 4
    assert len(living) >= 4, "the worker, a process that it started, a daemon, and a worker of its DataLoader"
    assert folder.is_dir()
    assert names[0].parent == folder
    assert all(name.exists() for name in names)
    parent.kill()
    parent.wait()
    until = time.monotonic() + 30
    while (any(map(alive, [*marks, *keepers])) or folder.exists()) and time.monotonic() < until:
        time.sleep(0.05)
    assert [pid for pid in [*marks, *keepers] if alive(pid)] == []
    assert not names[1].exists()
    assert not folder.exists()
