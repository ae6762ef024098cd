"""Published logs, where there is a copy: the folder is named by the environment variable ADVISOR_CURVES."""

import os
from pathlib import Path

import pytest

from advisor.app.read.result import read_and_judge

FOLDER = Path(os.environ.get("ADVISOR_CURVES", "/nonexistent"))
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="ADVISOR_CURVES is not set")
WORSE = {"FT002", "FT006", "FT008", "LR001", "FT005"}


@pytest.fixture(scope="module")
def karani():
    return read_and_judge([FOLDER / "karani_tensorboard"])


@pytest.fixture(scope="module")
def smith():
    return read_and_judge([FOLDER / "smith2018"])


def found(reading):
    return {
        evidence.run.name: {item.code for item in findings if item.judgement.verdict == "detected"}
        for evidence, findings in reading.runs
    }


def test_every_log_is_read(karani, smith):
    assert len(karani.runs) == 10 and len(smith.runs) == 17
    assert not karani.failures and not smith.failures


def test_karani(karani):
    codes = found(karani)
    assert "FT002" in codes["run1"] and "EP001" not in codes["run1"]
    assert "LR001" in codes["run2"] and "FT006" not in codes["run2"]
    assert "LR002" in codes["run3"] and not codes["run3"] & {"FT001", "EP002"}
    assert "FT005" in codes["run10"] and "FT001" not in codes["run10"]
    assert not any(codes[f"run{i}"] & {"FT002", "FT003", "EP001"} for i in range(4, 10))


def test_karani_compared(karani):
    (item,) = karani.comparison
    batch = next(answer for answer in item.knobs if answer.knob == "batch_size")
    assert {item.value for item in batch.values} == {10.0, 256.0, 450.0}
    said = " ".join(item.unfair)
    assert "equal time" in said and "time per epoch" in said
    assert any(note.startswith("run10") for note in item.notes)


def test_smith(smith):
    codes = found(smith)
    wide = next(name for name in codes if "wide32" in name and "WD1e-5" in name)
    assert "FT003" in codes[wide] and "FT002" not in codes[wide]
    assert "EP002" in codes[next(name for name in codes if "cifar100_C100CycLR.0020" in name)]
    healthy = [name for name in codes if "Cyc" in name or "CM9585" in name or "ResTBS512" in name]
    for name in healthy:
        if "inception-resnetCM9585CLR.051WD1e-5" not in name:
            assert not codes[name] & WORSE, name


def test_smith_ranks_weight_decay(smith):
    groups = [item for item in smith.comparison if "Imagenet" in item.ranking[0].name and len(item.knobs) > 0]
    best = {item.ranking[0].settings["weight_decay"] for item in groups}
    assert len(groups) == 2 and best == {3e-6}
    inception = max(groups, key=lambda item: len(item.ranking))
    assert [one.settings["weight_decay"] for one in inception.ranking] == [3e-6, 3e-6, 1e-6, 1e-6, 1e-5]
