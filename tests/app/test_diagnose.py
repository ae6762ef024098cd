"""The whole command on small tasks: files, output, exit codes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.processes import alive

Advisor = Callable[..., "subprocess.CompletedProcess[str]"]
SMALL = ("--budget", "0.4", "--device", "cpu", "--run", "r")
KEYS = {
    "schema", "status", "verdict", "name", "run", "recommended", "current", "current_given", "objective", "changes",
    "cost", "prediction", "knobs", "findings", "rounds", "arms", "series", "profile", "provenance",
}  # fmt: skip
COST = {"full_runs", "budget", "probes", "reused", "steps", "seconds", "train_examples", "eval_examples"}
SHUFFLED = """
import torch

random = torch.Generator().manual_seed(0)
inputs = torch.randn(3000, 20, generator=random)
labels = torch.randint(0, 10, (3000,), generator=random)
train_data, val_data = (inputs[:1500], labels[:1500]), (inputs[1500:], labels[1500:])
settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 50, "epochs": 10}


def model():
    return torch.nn.Sequential(torch.nn.Linear(20, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
"""
CONSTANT = SHUFFLED + "\n\ndef loss(outputs, targets):\n    return torch.ones(())\n"
FLAT = SHUFFLED + "\n\ndef loss(outputs, targets):\n    return 1.0 + 0.0 * outputs.sum()\n"


@dataclass(frozen=True)
class Ran:
    """A finished diagnosis."""

    done: "subprocess.CompletedProcess[str]"
    out: Path
    folder: Path
    report: dict[str, Any]


def ran(advisor: Advisor, task: Path, out: Path, *more: str) -> Ran:
    done = advisor("diagnose", task, "--out", out, *more, cwd=out.parent)
    folder = out / task.stem / "r"
    assert (folder / "report.json").exists(), done.stderr
    return Ran(done, out, folder, json.loads((folder / "report.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def digits(advisor: Advisor, examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return ran(advisor, examples / "digits_cnn.py", tmp_path_factory.mktemp("digits") / "reports", *SMALL)


def shape(value: Any) -> Any:
    return sorted(value) if isinstance(value, dict) else type(value).__name__


def test_advice_and_its_files(digits: Ran) -> None:
    assert digits.done.returncode == 0, digits.done.stderr
    assert digits.report["status"] == "advice"
    names = {path.name for path in digits.folder.iterdir()}
    assert names == {"config.yaml", "report.html", "report.json", "ledger", "tensorboard"}
    page = (digits.folder / "report.html").read_bytes()
    assert 10_000 < len(page) < 1_000_000
    assert (digits.out / "index.html").exists()


def test_report_holds_what_the_schema_promises(digits: Ran) -> None:
    report = digits.report
    assert set(report) >= KEYS
    assert report["schema"] == 2
    assert set(report["cost"]) >= COST
    assert set(report["series"]) >= {"range_tests", "responses", "curves", "forecast"}
    assert set(report["profile"]) >= {"data", "model", "device", "inferred"}
    for part, keys in (
        ("knobs", {"name", "recommended", "interval", "confidence", "verdict", "at_stake"}),
        ("findings", {"code", "title", "verdict", "confidence", "evidence", "advice", "sources"}),
        ("rounds", {"goal", "scientific", "nuisance", "fixed", "outcome", "full_runs"}),
        ("arms", {"key", "round", "kind", "lr", "steps", "seed", "status", "val_loss"}),
    ):
        assert report[part]
        assert all(set(item) >= keys for item in report[part]), part
    assert report["recommended"]["optimizer"]["lr"] > 0
    assert set(report["recommended"]) == {"optimizer", "schedule", "batch_size", "epochs", "clip_grad_norm"}
    assert report["current"]["epochs"] == 30


def test_cost_stays_within_the_budget_and_adds_up(digits: Ran) -> None:
    cost = digits.report["cost"]
    assert 0 < cost["full_runs"] <= cost["budget"] == 0.4
    assert cost["full_run_examples"] == 1400 * 30
    spent = (cost["train_examples"] + cost["eval_examples"] / 3) / cost["full_run_examples"]
    assert spent == pytest.approx(cost["full_runs"])
    assert cost["probes"] == len({arm["key"] for arm in digits.report["arms"]})


def test_every_probe_is_in_the_ledger_and_in_tensorboard(digits: Ran) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    keys = {json.loads(line)["key"] for line in (digits.folder / "ledger" / "probes.jsonl").read_text().splitlines()}
    assert keys == {arm["key"] for arm in digits.report["arms"]}
    runs = {path.parent for path in (digits.folder / "tensorboard").rglob("events.out.tfevents.*")}
    with_curves = []
    for run in runs:
        events = EventAccumulator(str(run)).Reload()
        with_curves += [run] if events.Tags()["scalars"] else []
    assert len(with_curves) >= len(keys)


def test_the_config_trains_in_a_plain_loop(digits: Ran, examples: Path) -> None:
    import runpy

    import torch

    import advisor as package

    task = runpy.run_path(str(examples / "digits_cnn.py"))
    config = package.load_config(digits.folder / "config.yaml")
    assert config.as_dict() == digits.report["recommended"]
    torch.manual_seed(0)
    model, loss = task["model"](), task["loss"]
    loader = torch.utils.data.DataLoader(task["train_data"](), config.batch_size, shuffle=True, drop_last=True)
    optimizer, scheduler = config.build(model.parameters(), steps_per_epoch=len(loader))
    assert type(optimizer).__name__ == config.optimizer["name"]
    first, last, steps = 0.0, 0.0, 0
    for _ in range(config.epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            value = loss(model(inputs), targets)
            value.backward()
            optimizer.step()
            steps += 1
            if scheduler is not None and steps < len(loader) * config.epochs:
                scheduler.step()
            first, last = first or value.item(), value.item()
    assert last < 0.5 * first


@pytest.mark.usefixtures("warm")
def test_worker_processes_give_the_same_advice(
    digits: Ran, advisor_process: Advisor, examples: Path, tmp_path: Path
) -> None:
    """Also that the same seed gives the same config."""
    again = ran(advisor_process, examples / "digits_cnn.py", tmp_path / "elsewhere", *SMALL)
    assert (again.folder / "config.yaml").read_bytes() == (digits.folder / "config.yaml").read_bytes()
    assert again.report["cost"]["reused"] == 0
    assert [arm["val_loss"] for arm in again.report["arms"]] == [arm["val_loss"] for arm in digits.report["arms"]]


def test_a_second_run_reuses_what_was_probed(digits: Ran, advisor: Advisor, examples: Path) -> None:
    before = (digits.folder / "report.json").read_bytes()
    more = [*SMALL[:-1], "second", "--format", "json"]
    done = advisor("diagnose", examples / "digits_cnn.py", "--out", digits.out, *more, cwd=digits.out.parent)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    second = digits.out / "digits_cnn" / "second"
    assert printed == json.loads((second / "report.json").read_text(encoding="utf-8"))
    assert printed["cost"]["reused"] == printed["cost"]["probes"] > 0
    assert (second / "config.yaml").read_bytes() == (digits.folder / "config.yaml").read_bytes()
    assert (digits.folder / "report.json").read_bytes() == before
    index = (digits.out / "index.html").read_text(encoding="utf-8")
    assert "digits_cnn/r/report.html" in index
    assert "digits_cnn/second/report.html" in index


def test_report_renders_the_same_page_again(digits: Ran, advisor: Advisor) -> None:
    page = digits.folder / "report.html"
    before = page.read_bytes()
    page.write_text("spoiled")
    done = advisor("report", digits.folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(page)
    assert page.read_bytes() == before


def test_result_on_stdout_progress_on_stderr(digits: Ran) -> None:
    said = digits.done.stdout.splitlines()
    assert 0 < len(said) <= 8
    assert all(len(line) <= 100 for line in said)
    assert "digits_cnn: 1400 training and 397 validation examples" in digits.done.stderr
    assert "plan: at most 0.4 full runs" in digits.done.stderr
    assert "\x1b" not in digits.done.stdout + digits.done.stderr
    assert "Traceback" not in digits.done.stderr


@pytest.mark.parametrize("more", [("--budget", "0.4", "--epochs", "6"), ("--budget", "0.001")])
def test_a_budget_that_pays_for_nothing_is_refused_with_the_one_that_would(
    more: tuple[str, ...], advisor: Advisor, examples: Path, tmp_path: Path
) -> None:
    done = advisor("diagnose", examples / "digits_cnn.py", "--out", tmp_path / "reports", "--device", "cpu", *more)
    assert done.returncode == 2
    assert "a budget for range test and ladder" in done.stderr
    assert not list(tmp_path.rglob("config.yaml"))
    assert not (tmp_path / "reports" / "digits_cnn").exists()


def test_doubled_softmax_is_found_and_located(advisor: Advisor, examples: Path, tmp_path: Path) -> None:
    found = ran(advisor, examples / "double_softmax.py", tmp_path / "reports", *SMALL, "--quiet")
    assert found.done.stderr == ""
    assert 0 < len(found.done.stdout.splitlines()) <= 8
    (finding,) = [item for item in found.report["findings"] if item["code"] == "PF006"]
    assert finding["verdict"] == "detected"
    assert "3 (Softmax)" in finding["evidence"]["text"]
    assert "PF006" in (found.folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "code"),
    [(SHUFFLED, "FT005"), (FLAT, "PF001"), (CONSTANT, "PF001")],
    ids=["labels", "loss without slope", "loss without graph"],
)
def test_a_task_that_cannot_be_learned_gets_no_numbers(
    source: str, code: str, advisor: Advisor, tmp_path: Path
) -> None:
    (tmp_path / "task.py").write_text(source)
    paid = ("--budget", "4", "--device", "cpu", "--run", "r", "--quiet")
    failed = ran(advisor, tmp_path / "task.py", tmp_path / "reports", *paid)
    assert failed.done.returncode == 1, failed.done.stdout + failed.done.stderr
    assert failed.report["status"] == "untrainable"
    assert failed.report["recommended"] is None
    assert failed.report["prediction"] is None
    assert not (failed.folder / "config.yaml").exists()
    assert code in {item["code"] for item in failed.report["findings"] if item["verdict"] == "detected"}
    assert "cannot be trained" in failed.done.stdout
    assert failed.report["verdict"] in (failed.folder / "report.html").read_text(encoding="utf-8")


def test_where_nothing_was_learned_within_the_budget_nothing_is_praised(advisor: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text(SHUFFLED)
    short = ran(advisor, tmp_path / "task.py", tmp_path / "reports", "--device", "cpu", "--run", "r", "--quiet")
    assert short.done.returncode == 0
    assert short.report["verdict"].startswith("Cannot tell")
    assert short.report["recommended"] == short.report["current"]
    assert "FT013" in {item["code"] for item in short.report["findings"] if item["verdict"] == "detected"}


def children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def gone(pids: list[int], seconds: float = 30) -> bool:
    until = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.1)
    return not any(map(alive, pids))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("moment", ["range:", "ladder:"])
def test_interrupt_leaves_a_partial_report_and_no_process(moment: str, examples: Path, tmp_path: Path) -> None:
    """As Ctrl-C does it: the signal goes to the whole group of processes."""
    command = [sys.executable, "-m", "advisor", "diagnose", str(examples / "digits_cnn.py"), "--plain"]
    process = subprocess.Popen(
        [*command, "--out", str(tmp_path / "reports"), "--run", "r", "--device", "cpu", "--epochs", "100"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout and process.stderr
    for line in process.stderr:
        if moment in line:
            break
    workers = children(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    said, complaints = process.communicate(timeout=120)
    assert process.returncode == 130, complaints
    assert "Traceback" not in complaints
    assert workers
    assert gone(workers)
    folder = tmp_path / "reports" / "digits_cnn" / "r"
    report = json.loads((folder / "report.json").read_text())
    assert report["status"] == "interrupted"
    assert (folder / "report.html").exists()
    assert (report["recommended"] is None) == (not (folder / "config.yaml").exists())
    assert "nterrupted" in said


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_interrupt_while_the_file_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import pathlib, time\npathlib.Path(__file__ + '.begun').touch()\ntime.sleep(600)\nmodel = train_data = None\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "advisor", "diagnose", str(tmp_path / "slow.py"), "--out", str(tmp_path / "reports")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not (tmp_path / "slow.py.begun").exists() and time.monotonic() < until:
        time.sleep(0.05)
    workers = children(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    said, complaints = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == ""
    assert complaints.strip().splitlines()[-1] == "interrupted" and "Traceback" not in complaints
    assert workers
    assert gone(workers)
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("arguments", [("--help",), ("diagnose", "--help"), ("--version",)])
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "advisor", *arguments], capture_output=True, text=True, check=True
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "click" in imported
    assert imported.isdisjoint({"torch", "numpy", "scipy", "sklearn", "matplotlib", "tensorboard", "yaml", "rich"})
    assert done.stdout
