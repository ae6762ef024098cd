"""Real diagnoses of tasks that invite a wrong answer: the fault is named, and no number lacks evidence."""

import json
import math
from pathlib import Path

import pytest

BASE = """
import torch
from sklearn.datasets import load_digits
from torch import nn

_images, _labels = load_digits(return_X_y=True)
_order = torch.randperm(len(_labels), generator=torch.Generator().manual_seed(0))
_images = torch.tensor(_images, dtype=torch.float32)[_order] / 16
_labels = torch.tensor(_labels)[_order]
train_data, val_data = (_images[:1200], _labels[:1200]), (_images[1200:], _labels[1200:])


def model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


settings = {"optimizer": "AdamW", "lr": 1e-3, "batch_size": 32, "epochs": 12}
"""
BREAKS = """

class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(64, 10)
        self.steps = 0

    def forward(self, inputs):
        self.steps += self.training
        return self.body(inputs) * (float("nan") if self.steps > 70 else 1.0)


settings["epochs"] = 40
"""
TRAINED = """

torch.manual_seed(0)
_made = model()
_optimizer = torch.optim.AdamW(_made.parameters(), 0.01)
_schedule = torch.optim.lr_scheduler.OneCycleLR(_optimizer, 0.01, total_steps=800)
for _step in range(800):
    _index = torch.randint(0, 1200, (32,))
    _optimizer.zero_grad()
    nn.functional.cross_entropy(_made(_images[_index]), _labels[_index]).backward()
    _optimizer.step()
    _schedule.step()
_fresh = model


def model():
    made = _fresh()
    made.load_state_dict(_made.state_dict())
    return made
"""
TIMES_1000 = """

def loss(outputs, targets):
    return 1000 * nn.functional.cross_entropy(outputs, targets)
"""
FEW = "\n\nval_data = (_images[1200:1220], _labels[1200:1220])\n"


@pytest.fixture
def report(advisor, tmp_path: Path):
    def make(more: str = "", *args: str, code: int = 0) -> dict:
        path = tmp_path / "task.py"
        path.write_text(BASE + more, encoding="utf-8")
        result = advisor("diagnose", path, "--out", tmp_path / "runs", *args)
        assert result.returncode == code, result.stdout + result.stderr
        return json.loads(sorted((tmp_path / "runs").glob("task/*/report.json"))[-1].read_text(encoding="utf-8"))

    return make


def finding(report: dict, code: str) -> dict:
    return next(item for item in report["findings"] if item["code"] == code)


def test_a_break_at_one_step_is_not_blamed_on_the_rate(report):
    made = report(BREAKS, code=1)
    assert made["recommended"] is None
    said = finding(made, "FT005")["evidence"]
    assert "near step 71, whatever its rate" in said["text"]
    assert finding(made, "LR001")["verdict"] == "not_identifiable"


def test_a_model_that_is_trained_already_is_left_as_it_is(report):
    made = report(TRAINED)
    assert finding(made, "EX006")["verdict"] == "detected"
    assert made["verdict"].startswith("Keep your settings")
    assert made["recommended"] == made["current"]
    assert made["changes"] == []


def test_twenty_validation_examples_make_wide_intervals(report):
    few, many = report(FEW), report()
    made = [item["prediction"] for item in (few, many)]
    width = [(item["high"] - item["low"]) / item["loss"] for item in made]
    assert width[0] > 1.2 * width[1], made  # Both come from copies, whose own doubt is large.


def test_a_loss_of_another_unit_gets_the_same_advice(report):
    plain, scaled = report(), report(TIMES_1000)
    rates = [item["recommended"]["optimizer"]["lr"] for item in (plain, scaled)]
    assert 0.5 < rates[0] / rates[1] < 2.0
    verdicts = [{f["code"]: f["verdict"] for f in item["findings"]} for item in (plain, scaled)]
    faults = [
        {code for code, verdict in made.items() if verdict == "detected" and code[:2] == "PF"} for made in verdicts
    ]
    assert faults[0] == faults[1]
    assert math.isclose(plain["prediction"]["loss"] * 1000, scaled["prediction"]["loss"], rel_tol=0.5)
