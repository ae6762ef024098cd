"""Capturing unmodified training scripts, without side effects."""

import hashlib
import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from advisor.capture.validation import rank_of
from advisor.cli.main import main
from advisor.errors import ContractError
from advisor.records.task import TaskSource
from advisor.workers.local import LocalWorkers
from advisor.workers.messages import LoadedTask, LoadRequest
from tests.capture import scripts

pytestmark = pytest.mark.usefixtures("warm")
_LOSSES = re.compile(r"first loss: (\S+) in the script, (\S+) here")


def loaded(path: Path, *arguments: str) -> LoadedTask:
    """Loads a file as the first worker of a diagnosis does."""
    before, folder = hashes(path.parent), Path.cwd()
    os.chdir(path.parent)
    workers = LocalWorkers()
    worker = workers.start()
    try:
        return worker.call(LoadRequest(TaskSource(str(path), arguments=arguments)))
    finally:
        os.chdir(folder)
        worker.close()
        workers.close()
        assert hashes(path.parent) == before


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


def captured(tmp_path: Path, text: str, *arguments: str) -> tuple[dict, str]:
    """Settings that were read of a script, and all that was said; its first loss is that of the captured step."""
    path = tmp_path / "train.py"
    path.write_text(text)
    task = loaded(path, *arguments)
    said = "\n".join(task.facts.inferred)
    own, ours = _LOSSES.search(said).groups()
    assert own == ours
    return task.current.as_dict(), said


def test_an_ordinary_script(tmp_path):
    current, said = captured(tmp_path, scripts.PLAIN)
    assert current["optimizer"] == {"name": "SGD", "lr": 0.05, "momentum": 0.9}
    assert (current["batch_size"], current["epochs"], current["schedule"]) == (32, 6, None)
    assert "validation: the loader val_loader" in said
    assert "fresh weights of its own seed" in said
    assert "training_step" not in said  # Its criterion is handed over as a loss.


def test_own_arguments_classes_and_private_methods(tmp_path):
    current, said = captured(tmp_path, scripts.TRAINER, "--lr", "0.02")
    assert current["optimizer"]["name"] == "AdamW"
    assert (current["optimizer"]["lr"], current["optimizer"]["weight_decay"]) == (0.02, 0.05)
    assert (current["batch_size"], current["epochs"], current["clip_grad_norm"]) == (50, 7, 2.0)
    assert "no validation data" in said


def test_accumulated_gradients_of_an_endless_loader(tmp_path):
    current, said = captured(tmp_path, scripts.ACCUMULATES)
    assert current["batch_size"] == 32
    assert current["epochs"] == round(90 * 32 / 360)
    assert "added and not averaged" not in said


def test_a_step_on_all_of_the_data(tmp_path):
    current, said = captured(tmp_path, scripts.WHOLE)
    assert (current["batch_size"], current["epochs"]) == (300, 40)
    assert "train_rows" in said
    assert "held out" not in said  # val_rows are found by their name.


def test_weights_that_are_moved_by_hand(tmp_path):
    current, said = captured(tmp_path, scripts.BY_HAND)
    assert current["optimizer"] == {"name": "SGD", "lr": pytest.approx(0.25, rel=1e-3)}
    assert "moved by hand" in said


def test_what_a_script_does_to_the_outside_is_held_back(tmp_path):
    (tmp_path / "notes.txt").write_text("first line")
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "trash").mkdir()
    current, said = captured(tmp_path, scripts.SIDE_EFFECTS)
    assert current["optimizer"]["lr"] == 0.3
    for what in ("logs to wandb", "writes notes.txt", "removes old.txt", "removes the folder trash", "asks `Press"):
        assert what in said


def test_loaded_weights_are_kept_and_others_drawn(tmp_path):
    _, said = captured(tmp_path, scripts.KEPT)
    assert "1,024 weights that the script loads or computes are kept" in said


def test_a_schedule_by_hand_is_written_as_one_of_torch(tmp_path):
    current, _ = captured(tmp_path, scripts.SCHEDULED)
    schedule = current["schedule"]
    assert schedule["name"] == "OneCycleLR"
    assert schedule["max_lr"] == pytest.approx(0.2, rel=0.01)
    assert schedule["pct_start"] == pytest.approx(0.2, abs=0.02)
    assert schedule["anneal_strategy"] == "linear"


def test_the_first_of_two_trainings_on_validation_and_not_test_data(tmp_path):
    current, said = captured(tmp_path, scripts.SECOND)
    assert current["optimizer"]["lr"] == 0.1
    assert "a second training (with SGD) follows in the script: the first one was taken" in said
    assert "the loader vali_loader that the script evaluates on" in said


def test_a_script_that_breaks_after_a_step_is_taken_and_told(tmp_path):
    broken = scripts.PLAIN.replace("optimizer.step()", "optimizer.step()\n        print(loss.data[0])")
    _, said = captured(tmp_path, broken)
    assert "by itself the script stops after its first steps with IndexError: invalid index of a 0-dim tensor" in said
    assert "(train.py, line 2" in said


def test_batches_by_hand_under_autocast_and_a_loader_for_validation(tmp_path):
    current, said = captured(tmp_path, scripts.DRAWN_BY_HAND)
    assert (current["batch_size"], current["epochs"], current["amp"]) == (1, 12, True)
    assert "validation: the loader val_loader" in said and "240 steps" in said


def test_one_data_set_that_two_samplers_divide(tmp_path):
    current, said = captured(tmp_path, scripts.ONE_DATA_SET)
    assert "validation: the loader that the script evaluates on" in said
    assert "to its 320 examples" in said and "to its 80 examples" in said
    assert current["epochs"] == 5


def test_batches_of_one_size_have_a_length(tmp_path):
    current, said = captured(tmp_path, scripts.ONE_SIZE)
    assert "as they come (10 " in said
    assert "assumed" not in said and current["epochs"] == 12


def test_a_notebook(tmp_path):
    lines = ["%matplotlib inline\n", "!pip install torch\n", *scripts.PLAIN.splitlines(True)]
    cells = [{"cell_type": "code", "source": lines}]
    path = tmp_path / "train.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    task = loaded(path)
    assert (task.current.batch_size, task.current.epochs) == (32, 6)


@pytest.mark.parametrize(
    ("text", "found", "do"),
    [
        (scripts.TURNS, "several optimizers step by turns", "one optimizer"),
        (scripts.TRAINER, "the following arguments are required: --lr", "advisor diagnose train.py -- ..."),
        ("import torch\nimport no_such_package\n", "No module named 'no_such_package'", "install no_such_package"),
        ("import torch\nimport pl_bolts.models\n", "No module named 'pl_bolts'", "install lightning-bolts, then"),
        ("import torch\nopen('data.csv')\n", "No such file or directory: 'data.csv'", "make `python train.py` run"),
        ("import torch\nprint(1)\n", "trained nothing", "name the script that starts the training"),
        (
            "import socket, torch\nsocket.create_connection(('example.org', 80))\n",
            "connects to example.org, which is held back",
            "run `python train.py` once until its data is there",
        ),
    ],
    ids=["turns", "arguments", "package", "package of another name", "file", "nothing", "network"],
)
def test_refusals_are_true_and_name_the_next_step(tmp_path, text, found, do):
    path = tmp_path / "train.py"
    path.write_text(text)
    with pytest.raises(ContractError) as caught:
        loaded(path)
    assert found in caught.value.found
    assert do in caught.value.do


def test_a_library_names_the_script_to_run(tmp_path):
    (tmp_path / "engine.py").write_text(scripts.LIBRARY)
    (tmp_path / "main.py").write_text("from engine import fit\n")
    with pytest.raises(ContractError) as caught:
        loaded(tmp_path / "engine.py")
    assert "advisor diagnose main.py" in caught.value.do


def test_init_writes_a_file_that_offers_the_same(tmp_path, monkeypatch):
    path = tmp_path / "train.py"
    path.write_text(scripts.PLAIN)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["init", "train.py"])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "advisor_task.py").read_text()
    assert '"lr": 0.05' in text
    assert "first loss: " in text
    task = loaded(tmp_path / "advisor_task.py")
    assert (task.current.batch_size, task.current.epochs, task.facts.val_size) == (32, 6, 80)


@pytest.mark.parametrize(
    ("name", "rank"),
    [("val_loader", 0), ("validLoader", 0), ("evalloader", 0), ("dl_dev", 0), ("vali", 0), ("testset_loader", 1),
     ("x_testLoader", 1), ("device_loader", 2), ("latest_loader", 2), ("train_loader", 2), ("interval_loader", 2),
     ("value_loader", 2)],
)  # fmt: skip
def test_names_of_validation_data_are_read_by_words(name, rank):
    assert rank_of(name) == rank
