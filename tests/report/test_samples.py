"""The sample runs in reports/samples: made again, they say the same; and they say nothing about who made them."""

import getpass
import json
import math
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "reports" / "samples"
AGAIN = "run: python examples/make_samples.py"
NAMES = ("digits_cnn/healthy", "double_softmax/trouble")
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no samples beside these tests")


def load(folder):
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made(tmp_path_factory, warm):
    out = tmp_path_factory.mktemp("samples")
    command = [sys.executable, str(ROOT / "examples" / "make_samples.py"), "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return out


@pytest.mark.parametrize("name", NAMES)
def test_made_again_they_advise_the_same(made, name):
    old, new = load(SAMPLES / name), load(made / name)
    assert set(old) == set(new) and set(old["series"]) == set(new["series"]), AGAIN
    assert [path.name for path in sorted((SAMPLES / name).iterdir())] == [
        path.name for path in sorted((made / name).iterdir())
    ], AGAIN
    assert old["status"] == new["status"] and old["objective"] == new["objective"]
    before, after = old["recommended"], new["recommended"]
    assert math.isclose(before["optimizer"]["lr"], after["optimizer"]["lr"], rel_tol=0.3), AGAIN
    assert (before["batch_size"], before["schedule"]["name"]) == (after["batch_size"], after["schedule"]["name"]), AGAIN
    assert math.isclose(before["epochs"], after["epochs"], rel_tol=0.2), AGAIN
    assert faults(old) == faults(new), AGAIN
    assert [row["setting"] for row in old["changes"]] == [row["setting"] for row in new["changes"]], AGAIN


def faults(report):
    found = [f for f in report["findings"] if f["verdict"] == "detected" and f["severity"] == "fault"]
    return sorted(f["code"] for f in found)


def test_one_is_healthy_and_one_found_trouble():
    assert faults(load(SAMPLES / NAMES[0])) == [] and faults(load(SAMPLES / NAMES[1])) == ["PF006"]


def test_they_are_small_and_name_nobody():
    files = [path for path in SAMPLES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_500_000
    assert not [path for path in files if path.suffix in (".pt", ".pth", ".ckpt")]
    names = [name for name in (getpass.getuser(), socket.gethostname()) if name not in ("root", "localhost")]
    for path in files:
        if path.name.startswith("events."):
            continue  # binary: any short name is in it by chance; test_tensorboard reads what they hold
        content = path.read_bytes().decode("utf-8", "replace") + path.name
        assert not re.search(r"(?<![\w.])/(home|root|tmp|work|Users|var|opt)/", content), path.name
        assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b", content)], path.name


def test_readme_links_them():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"reports/samples/{name}" in readme
    picture = ROOT / "docs" / "report.png"
    assert "docs/report.png" in readme and picture.stat().st_size < 200_000
