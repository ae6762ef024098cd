"""The sample runs in reports/samples: regenerating them gives the same content; they do not identify the machine."""

import getpass
import json
import math
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.message import Message
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

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
    assert faults(old) == faults(new), AGAIN
    if before is None:
        assert after is None, AGAIN
        return
    moved = after["optimizer"]["lr"] / before["optimizer"]["lr"]
    assert 1 / 3 < moved < 3, AGAIN  # Another machine rounds differently, which is like another seed.
    assert (before["batch_size"], before["schedule"]["name"]) == (after["batch_size"], after["schedule"]["name"]), AGAIN
    assert math.isclose(before["epochs"], after["epochs"], rel_tol=0.2), AGAIN
    assert [row["setting"] for row in old["changes"]] == [row["setting"] for row in new["changes"]], AGAIN


def faults(report):
    found = [f for f in report["findings"] if f["verdict"] == "detected" and f["severity"] == "fault"]
    return sorted(f["code"] for f in found)


def test_one_is_healthy_and_one_found_trouble():
    assert faults(load(SAMPLES / NAMES[0])) == [] and faults(load(SAMPLES / NAMES[1])) == ["PF006"]


def words_of(events):
    """Every string in an event file; between them lie numbers, in which any short name stands by chance."""
    return "\n".join(word for record in LegacyEventFileLoader(str(events)).Load() for word in strings(record))


def strings(message):
    """The strings in a protocol buffer, keys of maps and what TensorBoard's plugins packed into bytes included."""
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            yield from value
            items = [value[key] for key in value]
        elif field.name == "content" and message.plugin_name == "hparams":
            items = [HParamsPluginData.FromString(value)]
        else:
            items = value if field.is_repeated else [value]
        for item in items:
            if isinstance(item, Message):
                yield from strings(item)
            elif isinstance(item, (str, bytes)):
                yield item if isinstance(item, str) else item.decode("utf-8", "replace")


def test_the_words_of_event_files_are_read():
    read = [words_of(path) for path in SAMPLES.rglob("events.*")]
    assert len(read) > 10
    assert all("brain.Event:2" in words for words in read), "their version"
    assert sum("loss/train" in words for words in read) > 10, "tags"
    assert any("| lr |" in words for words in read), "the text of the advice"
    assert sum("hparam/val_loss" in words and "batch_size" in words for words in read) > 10, "hyperparameters"


def test_they_are_small_and_name_nobody():
    files = [path for path in SAMPLES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_500_000
    assert not [path for path in files if path.suffix in (".pt", ".pth", ".ckpt")]
    names = [name for name in (getpass.getuser(), socket.gethostname()) if name not in ("root", "localhost")]
    for path in files:
        events = path.name.startswith("events.")
        content = (words_of(path) if events else path.read_bytes().decode("utf-8", "replace")) + path.name
        assert not re.search(r"(?<![\w.])/(home|root|tmp|work|Users|var|opt)/", content), path.name
        assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b", content)], path.name


def test_readme_links_them():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"reports/samples/{name}" in readme
    picture = ROOT / "docs" / "report.png"
    assert "docs/report.png" in readme and picture.stat().st_size < 200_000
