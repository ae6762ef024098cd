"""Scripts for ``torchrun``: captured by one process, and probed with as many as are asked for."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.capture import scripts
from tests.capture.test_scripts import captured

pytestmark = pytest.mark.usefixtures("warm")


def test_one_process_is_enough_to_capture_it(tmp_path: Path) -> None:
    current, said = captured(tmp_path, scripts.LAUNCHED)
    assert (current["batch_size"], current["epochs"]) == (64, 20)
    assert "model: Sequential, 163 weights" in said
    assert "found DistributedDataParallel: give --nproc N to probe with N processes" in said
    assert "the 512 examples that DistributedSampler divides among processes" in said


def test_a_script_for_both_ways_is_run_the_way_it_was_started(tmp_path: Path) -> None:
    alone = "import os\n\nassert os.environ.get('RANK') is None\nassert 'WORLD_SIZE' not in os.environ\n"
    _, said = captured(tmp_path, alone + scripts.PLAIN)
    assert "--nproc" not in said


def test_two_processes_from_the_script_to_the_advice(
    tmp_path: Path, advisor_process: "Callable[..., subprocess.CompletedProcess[str]]"
) -> None:
    (tmp_path / "train.py").write_text(scripts.LAUNCHED)
    options = ("--nproc", 2, "--budget", 1, "--device", "cpu", "--run", "r")
    done = advisor_process("diagnose", "train.py", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "batch_size 32 is that of each of 2 processes" in done.stderr
    assert "the batch of 64 is the total, 32 on each" in done.stderr
    report = json.loads((tmp_path / "reports" / "train" / "r" / "report.json").read_text())
    assert (report["status"], report["current"]["batch_size"], report["current"]["epochs"]) == ("advice", 64, 20)
    assert all(arm["status"] != "failed" for arm in report["arms"])
    assert any(note["text"].startswith("2 processes trained each probe") for note in report["notes"])
