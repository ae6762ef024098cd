"""`advisor compare` on real training: a real difference is found, identical variants are not distinguished."""

import json
import math

import pytest

from advisor.app.compare import compare
from advisor.app.comparison import Variant, judged
from advisor.app.engines import make_engine
from advisor.app.options import Options
from advisor.app.vary import parse_vary
from advisor.errors import AdvisorError, UsageError
from advisor.report.comparison_page import render_comparison
from advisor.schema.files import read_comparison
from advisor.search.observer import Observer

TASK = """
import torch
from sklearn.datasets import load_digits
from torch import nn

settings = dict(optimizer="SGD", lr=0.05, momentum=0.9, batch_size=64, epochs=20)
loss = nn.CrossEntropyLoss()
digits = load_digits()
inputs = torch.tensor(digits.data / 16.0).float()
train_data = inputs[:1400], torch.tensor(digits.target[:1400])
val_data = inputs[1400:], torch.tensor(digits.target[1400:])


def model(width=32, name="a"):
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))
"""


@pytest.fixture
def task(tmp_path):
    file = tmp_path / "task.py"
    file.write_text(TASK)
    return file


def test_a_real_difference_is_found_and_a_null_one_is_called_null(task, advisor, tmp_path):
    real = advisor("compare", task, "--vary", "width=1,32", "--out", tmp_path / "r", "--format", "json", "--quiet")
    assert real.returncode == 0, real.stderr
    reference, wide = json.loads(real.stdout)["variants"]
    assert reference["verdict"] == "reference" and len(wide["losses"]) == 5
    assert wide["verdict"] == "better" and wide["high"] < 0
    (page,) = (tmp_path / "r").glob("task/*/compare.html")
    kept = read_comparison(page.with_name("compare.json"))
    assert page.read_text(encoding="utf-8") == render_comparison(kept)
    assert len(reference["rates"]["points"]) >= 3 and 0 < reference["rates"]["length"] <= 1 / 4
    null = advisor("compare", task, "--vary", "name=a,b", "--out", tmp_path / "r", "--quiet")
    assert null.returncode == 0, null.stderr
    assert "no difference beyond the noise" in null.stdout


def test_an_argument_that_the_model_does_not_take_is_one_clear_error(task, advisor, tmp_path):
    done = advisor("compare", task, "--vary", "depth=1,2", "--out", tmp_path / "r", "--quiet")
    assert done.returncode == 2
    assert "depth" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "r").exists()


@pytest.mark.usefixtures("warm")
def test_workers_are_timed_and_ladders_are_not_made_wider_than_is_affordable(task, tmp_path, monkeypatch):
    task.write_text(TASK.replace("epochs=20", "epochs=10"))  # Short runs have 20 steps at least: they cost more.
    engines = []
    monkeypatch.setattr(
        "advisor.app.session.make_engine", lambda options: engines.append(make_engine(options)) or engines[0]
    )
    found = compare(
        Options(path=str(task), out=tmp_path / "r", engine="serial", budget=1.25),
        *parse_vary("width=1,32"),
        3,
        Observer(),
    )
    assert 0 < engines[0].limits.step_seconds < math.inf
    assert [len(variant.rates.points) for variant in found.variants] == [2, 2]
    assert all(math.isfinite(loss) for variant in found.variants for loss in variant.losses)


@pytest.mark.parametrize("vary", ["optimizer=SGD,Sgdd", "optimizer=SGD,AdamW"])
def test_an_optimizer_that_torch_has_not_is_refused_before_anything_is_run(task, vary, tmp_path):
    options = Options(path=str(task), out=tmp_path / "r", engine="inline", budget=0.1)
    with pytest.raises(AdvisorError, match="Sgdd" if "Sgdd" in vary else "a budget for 2 variants"):
        compare(options, *parse_vary(vary), seeds=3, observer=Observer())
    assert not (tmp_path / "r").exists()


def test_a_budget_too_small_for_the_variants_is_refused(task, advisor, tmp_path):
    done = advisor("compare", task, "--vary", "width=1,32", "--budget", "0.3", "--out", tmp_path / "r", "--quiet")
    assert done.returncode == 2 and "--budget 0.3" in done.stderr


@pytest.mark.parametrize("text", ["width", "width=1", "=1,2", "1a=1,2", "x=[1,2", "x=1],[2", "x=1,,2", "x={}"])
def test_vary_needs_a_name_and_two_values(text):
    with pytest.raises(UsageError):
        parse_vary(text)


def test_values_are_read_as_yaml():
    assert parse_vary("x=1,0.5,relu,true") == ("x", [1, 0.5, "relu", True])
    assert parse_vary("hidden=[64,64],[128]") == ("hidden", [[64, 64], [128]])


@pytest.mark.parametrize(
    "text",
    [
        "schedule=1cycle,linear", "batch_size=big,64", "batch_size=0,64", "batch_size=1.5,2", "batch_size=true,2",
        "momentum=0.9,1", "weight_decay=1e-4,0.1", "weight_decay=-1,0", "optimizer=1,2", "momentum=[0.9],0.8",
    ],
)  # fmt: skip
def test_what_a_setting_cannot_be_is_refused_at_once(text):
    with pytest.raises(UsageError, match=rf"--vary {text.split('=')[0]}="):
        parse_vary(text)


def test_a_variant_that_fails_under_one_seed_loses():
    reference = Variant("a", 0.1, (1.0, 1.1, 0.9))
    assert judged(reference, Variant("b", 0.1, (0.1, math.inf, 0.1))).verdict == "fails"


def test_differences_within_the_noise_are_not_called_differences():
    reference = Variant("a", 0.1, (1.0, 1.1, 0.9, 1.05))
    assert judged(reference, Variant("b", 0.1, (0.98, 1.15, 0.88, 1.1))).verdict == "no difference beyond the noise"
    assert judged(reference, Variant("c", 0.1, (0.5, 0.61, 0.4, 0.54))).verdict == "better"
