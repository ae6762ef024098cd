"""Interrupted runs resume where they stopped, with the same result."""

import json
import math
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from advisor.app.options import Options
from advisor.app.resume import FirstLook, changes, earlier, record, recorded, resume_command, way_on
from advisor.app.run_dir import RunDir
from advisor.errors import OutputLost, UsageError
from advisor.records.preflight import PreflightResult
from advisor.records.profile import ProfileResult
from advisor.records.spec import ProbeSpec
from advisor.records.task import Shapes, TaskFacts
from advisor.records.trace import failed
from advisor.search.store import ProbeStore
from advisor.utils.codec import to_text

PREFLIGHT = PreflightResult(
    parameters=10,
    trainable=10,
    optimised=10,
    without_gradient=(),
    not_optimised=(),
    targets="classes",
    classes=3,
    initial_loss=1.1,
    expected_loss=1.1,
    baseline_loss=math.nan,
    gradient_finite=True,
    batch_start=1.1,
    batch_end=0.1,
    batch_steps=60,
    batch_lr=0.01,
    input_mean=0.0,
    input_std=1.0,
    input_range=(-1.0, 1.0),
    output_kind="logits",
    doubled_activation="",
    input_sensitivity=0.5,
    first_labels=(3, 100),
    overlap=math.nan,
    shuffled=None,
    train_examples=100,
)
FACTS = TaskFacts(
    name="task",
    train_size=100,
    val_size=20,
    fingerprint="f",
    inferred=(),
    metric=None,
    shapes=Shapes((4,), (3,), 3, "classes", 1.1),
    device="cpu",
    torch="2.9",
    code="c",
)
LOOK = FirstLook(PREFLIGHT, ProfileResult(), 0.01)
NO_NETWORK = """
import os, socket, sys

NAMES = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}


def forbid(event, arguments):
    if event in NAMES or (event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6)):
        with open(os.environ["SOCKETS"], "a") as file:
            file.write(f"{event} {arguments[1:]}\\n")
        raise PermissionError(f"{event} is forbidden here")


sys.addaudithook(forbid)
with open(os.environ["SOCKETS"], "a") as file:
    file.write("")
with open(os.environ["SOCKETS"] + ".guarded", "a") as file:
    file.write(f"{os.getpid()}\\n")
"""


@dataclass(frozen=True)
class Unbroken:
    """An undisturbed diagnosis without network access."""

    config: bytes
    keys: set[str]
    sockets: str
    guarded: list[str]


def command(task: Path, out: Path) -> list[str]:
    return [
        sys.executable, "-m", "advisor", "diagnose", str(task), "--out", str(out), "--run", "r", "--device", "cpu",
        "--plain",
    ]  # fmt: skip


def keys(run: Path) -> list[str]:
    return [json.loads(line)["key"] for line in (run / "ledger" / "probes.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory, source: str) -> Path:
    path = tmp_path_factory.mktemp("task") / "iris.py"
    path.write_text(source)
    return path


@pytest.fixture(scope="module")
def unbroken(task: Path, tmp_path_factory: pytest.TempPathFactory) -> Unbroken:
    folder = tmp_path_factory.mktemp("unbroken")
    (folder / "sitecustomize.py").write_text(NO_NETWORK)
    paths = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": paths, "SOCKETS": str(folder / "sockets")}
    done = subprocess.run(command(task, folder / "reports"), env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    run = folder / "reports" / "iris" / "r"
    guarded = (folder / "sockets.guarded").read_text().split()
    return Unbroken((run / "config.yaml").read_bytes(), set(keys(run)), (folder / "sockets").read_text(), guarded)


def test_nothing_asks_for_the_network(unbroken: Unbroken) -> None:
    assert len(unbroken.guarded) >= 2, "the advisor and its workers"
    assert unbroken.sockets == ""


def test_a_run_that_was_terminated_ends_with_the_same_advice(unbroken: Unbroken, task: Path, tmp_path: Path) -> None:
    run = tmp_path / "reports" / "iris" / "r"
    process = subprocess.Popen(
        command(task, tmp_path / "reports"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        if "confirm:" in line:
            break
    with pytest.raises(UsageError, match="no other advisor"):
        ProbeStore(run / "ledger")
    process.send_signal(signal.SIGTERM)
    out, rest = process.communicate(timeout=300)
    assert process.returncode == 130, "".join(said) + rest
    assert rest.splitlines()[-1] == f"resume with: {resume_command(run)}"
    report = json.loads((run / "report.json").read_text())
    assert report["status"] == "interrupted"
    assert report["recommended"]["optimizer"]["lr"] > 0
    assert resume_command(run) in (run / "report.html").read_text()
    assert "nterrupted" in out
    before = keys(run)
    assert len(before) >= 4

    done = subprocess.run(
        [sys.executable, "-m", "advisor", *resume_command(run).split()[1:]], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert keys(run)[: len(before)] == before
    assert len(keys(run)) == len(set(keys(run)))
    assert set(keys(run)) == unbroken.keys
    assert (run / "config.yaml").read_bytes() == unbroken.config
    assert json.loads((run / "report.json").read_text())["status"] == "advice"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_two_interrupts_stop_at_once(task: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(task, tmp_path / "reports"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stderr
    while "range:" not in process.stderr.readline():
        assert process.poll() is None
    keepers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said, complaints = process.communicate(timeout=120)
    assert process.returncode == 130
    assert said == ""
    assert complaints.splitlines()[-1] == "interrupted"
    assert "Traceback" not in complaints
    until = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in keepers) and time.monotonic() < until:
        time.sleep(0.05)
    assert not [pid for pid in keepers if Path(f"/proc/{pid}").exists()]


@pytest.fixture
def small_files() -> Iterator[Callable[[int], None]]:
    """Makes the system refuse to write beyond so many bytes of a file, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_whole_lines(small_files: Callable[[int], None], tmp_path: Path) -> None:
    spec = ProbeSpec("cycle", {"name": "SGD", "lr": 0.1}, None, 8, 10, 0, (10,), 20)
    store = ProbeStore(tmp_path / "r" / "ledger")
    small_files(2000)
    with pytest.raises(OutputLost, match=r"probes\.jsonl"):
        for seed in range(100):
            written = seed
            each = spec.with_seed(seed)
            store.add(each, replace(failed(each, ""), status="finished"))
    small_files(10**6)
    text = (tmp_path / "r" / "ledger" / "probes.jsonl").read_text()
    assert written > 0
    assert len([json.loads(line) for line in text.splitlines()]) == written
    assert text.endswith("\n")
    after = spec.with_seed(1000)
    store.add(after, replace(failed(after, ""), status="finished"))
    store.close()
    again = ProbeStore(tmp_path / "r" / "ledger")
    assert again.find(after) is not None
    assert again.find(spec.with_seed(written - 1)) is not None
    assert again.find(spec.with_seed(written)) is None
    again.close()


def begun(tmp_path: Path, **options: Any) -> Path:
    run = tmp_path / "reports" / "task" / "r"
    (run / "ledger").mkdir(parents=True)
    (tmp_path / "task.py").write_text("x = 1\n")
    given = Options(path=str(tmp_path / "task.py"), out=tmp_path / "reports", run="r", **options)
    record(run / "ledger", given, FACTS, 0.3, LOOK)
    return run


def test_what_was_asked_for_is_read_back(tmp_path: Path) -> None:
    run = begun(
        tmp_path,
        minutes=3.0,
        select=("LR", "BS"),
        names={"model": "Net"},
        settings={"lr": 0.1, "betas": (0.9, 0.99)},
        seed=4,
    )
    found = recorded(run).options
    assert found == Options(
        path=str(tmp_path / "task.py"), out=tmp_path / "reports", run="r", minutes=None, limit=0.3,
        select=("LR", "BS"), names={"model": "Net"}, settings={"lr": 0.1, "betas": [0.9, 0.99]}, seed=4,
    )  # fmt: skip
    assert changes(recorded(run), found, FACTS) == []
    look = recorded(run).look
    assert look is not None
    assert to_text(look) == to_text(LOOK)
    assert recorded(run).is_still(found, FACTS)
    assert recorded(run).is_still(replace(found, settings={"lr": 0.1, "betas": (0.9, 0.99)}), FACTS)
    assert not recorded(run).is_still(found, replace(FACTS, fingerprint="g"))
    assert not recorded(run).is_still(replace(found, budget=0.5), FACTS)
    assert not recorded(run).is_still(replace(found, settings={"lr": 0.1, "batch_size": 128}), FACTS)
    moved = tmp_path / "elsewhere"
    run.parent.parent.rename(moved)
    assert recorded(moved / "task" / "r").options.out == moved


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ({"fingerprint": "g", "code": "d"}, "task.py, or a file that it imports, changed"),
        ({"fingerprint": "g"}, "the data of task.py changed"),
        ({"torch": "2.10"}, "torch was 2.9 when the run began and is now 2.10"),
        ({"device": "cuda:0"}, "device was cpu"),
    ],
)
def test_what_has_changed_since_is_said(now: dict[str, str], says: str, tmp_path: Path) -> None:
    run = begun(tmp_path)
    (said,) = changes(earlier(run), recorded(run).options, replace(FACTS, **now))
    assert says in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "null",
        '{"options": 3}',
        '{"options": {"path": 1}}',
        "\0",
        "[" * 5000,
        "x" * 2**23,
        '{"options": {"path": "a", "budget": "1", "select": [], "ignore": []}, "fingerprint": "", "code": "",'
        ' "versions": {}, "look": {}}',
    ],
)
def test_a_record_that_cannot_be_read_is_one_error(text: str, tmp_path: Path) -> None:
    run = begun(tmp_path)
    (run / "ledger" / "run.json").write_text(text)
    with pytest.raises(UsageError, match="--resume"):
        recorded(run)
    assert earlier(run) is None


def test_a_clock_that_goes_back_makes_no_run_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.app.run_dir.time.strftime", lambda *_: "2026-01-01-000000")
    first, second = (RunDir(tmp_path, "task", None) for _ in range(2))
    assert (first.run, second.run) == ("2026-01-01-000000", "2026-01-01-000000-2")
    RunDir(tmp_path, "task", first.run).discard()
    assert first.store.is_dir(), "what was there before stays"
    second.discard()
    assert not second.path.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "expected TRAIN.PY, -m MODULE or --resume RUN"),
        (("--resume", "nowhere"), "no run.json"),
        (("--resume", "nowhere", "--budget", "2", "--seed", "1"), "--budget, --seed"),
        (("model.py", "--step-timeout", "0"), "--step-timeout as seconds above 0"),
    ],
)
def test_what_cannot_be_gone_on_with_is_refused(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "diagnose", *arguments], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_objects_are_gone_on_with_by_the_same_call(tmp_path: Path) -> None:
    run = begun(tmp_path, from_objects=True)
    assert way_on(recorded(run).options, run) == "advisor.diagnose(...) again with run='r'"
    command = [sys.executable, "-m", "advisor", "diagnose", "--resume", str(run)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "call advisor.diagnose(...) again with run='r'" in done.stderr
