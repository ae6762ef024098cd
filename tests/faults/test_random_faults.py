"""A short version of the benchmark of random faults: kills of the advisor and of its workers, and NaN."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KINDS = ("kill the advisor", "kill a worker")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_random_faults_lose_and_change_nothing(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "benchmarks" / "faults"
    options = [
        "--faults",
        "2",
        "--seed",
        "5",
        "--epochs",
        "80",
        "--out",
        str(tmp_path / "found.json"),
        "--only",
        *KINDS,
    ]
    done = subprocess.run(
        [sys.executable, str(script), *options],
        capture_output=True, text=True, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["faults"] >= 2
    assert found["injected"]["NaN"] > 0
    assert found["advisor_starts"] >= found["chains"]
    assert set(found["wrong"].values()) == {0}
    assert {path.name for path in tmp_path.iterdir()} == {"found.json"}
