"""``--format json``: one document on stdout in the published form, everything else on stderr."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import advisor
from advisor.cli.main import main
from advisor.schema.base import plain
from advisor.schema.commands import InitReport, TrainReport
from advisor.schema.planning import PlanReport
from advisor.schema.report import Report
from advisor.schema.watching import WatchReport

pytestmark = pytest.mark.usefixtures("warm")
ROOT = Path(__file__).parents[2]
SCRIPT = """
import torch
from torch import nn

x = torch.randn(200, 4, generator=torch.Generator().manual_seed(0))
model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(3):
    for i in range(0, 200, 20):
        loss = nn.functional.mse_loss(model(x[i : i + 20]), x[i : i + 20, :1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""
CONFIG = """
optimizer: {name: SGD, lr: 0.05}
schedule: null
batch_size: 20
epochs: 2
"""


def document(kind, *words):
    """Runs a command; its stdout must be one document of that form and nothing else."""
    done = CliRunner().invoke(main, [*words, "--format", "json"])
    assert done.exit_code == 0, done.output
    return read(kind, done.stdout)


def read(kind, text):
    found = msgspec.json.decode(text.encode(), type=kind)
    assert plain(found) == json.loads(text)
    return found


@pytest.fixture
def script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path / "train.py"


def test_init_and_train(script, advisor_process):
    made = document(InitReport, "init", "train.py")
    assert made.ran
    assert {"model", "train_data"} <= set(made.offers)
    assert Path(made.file).is_file()
    words = ("train", made.file, "--config", "config.yaml", "--device", "cpu", "--format", "json")
    trained = read(TrainReport, advisor_process(*words, cwd=script.parent).stdout)
    assert (trained.epochs, trained.diverged) == (2, False)
    assert Path(trained.best_checkpoint).is_file()


def test_init_by_the_text_alone(script):
    made = document(InitReport, "init", "train.py", "--no-run")
    assert (made.ran, made.next) == (False, "advisor diagnose advisor_task.py")


def test_what_is_refused_prints_nothing_on_stdout(script):
    document(InitReport, "init", "train.py")
    again = CliRunner().invoke(main, ["init", "train.py", "--format", "json"])
    assert (again.exit_code, again.stdout) == (2, "")
    assert "advisor_task.py exists" in again.stderr


def test_plan(script):
    found = document(PlanReport, "plan", "train.py", "--least-seconds", "0")
    assert (found.steps, found.current.optimizer["lr"]) == (27, 0.05)  # A tenth of its batches is held out.
    assert found.seconds == pytest.approx(found.budget * found.full_run_seconds)
    assert not (script.parent / "reports").exists()


def test_report(tmp_path):
    shutil.copytree(ROOT / "reports" / "samples" / "digits_cnn" / "healthy", tmp_path / "run")
    assert document(Report, "report", str(tmp_path / "run")).status == "advice"


def test_watch(tmp_path):
    with advisor.watch(out=tmp_path, name="mine", tensorboard=False, say=lambda line: None) as watch:
        for _ in range(5):
            watch.step(1.0)
    assert document(WatchReport, "watch", str(tmp_path)).name == "mine"
    shown = CliRunner().invoke(main, ["watch", str(tmp_path / "watch.json")])
    assert shown.stdout.startswith("mine: finished, step 5")
    missing = CliRunner().invoke(main, ["watch", str(tmp_path / "none")])
    assert (missing.exit_code, missing.stdout) == (2, "")
