import gzip
import json
import math

import numpy as np
import pytest

from advisor.logs.evidence import evidence_of
from advisor.logs.readers import read

LOSSES = [2.0, 1.5, 1.2, 1.0, 0.9, 0.85]


def only(path):
    found = read([path])
    assert not found.failures, found.failures
    assert len(found.runs) == 1
    return found.runs[0]


@pytest.mark.parametrize(
    ("train", "val"),
    [
        ("train_loss", "val_loss"),
        ("train/loss", "valid/loss"),
        ("Train Loss", "Test Loss"),
        ("loss", "val_loss"),
        ("trainLoss", "evalLoss"),
        ("Loss/train", "Loss/dev"),
        ("train_loss_epoch", "validation_loss"),
    ],
)
@pytest.mark.parametrize("axis", ["step", "iteration", "epoch", "Epoch", "global_step"])
def test_usual_column_names(table, train, val, axis):
    file = table("a.csv", {axis: range(1, 7), train: LOSSES, val: [2 * loss for loss in LOSSES]})
    evidence = evidence_of(only(file))
    assert evidence.train.raw == tuple(LOSSES)
    assert evidence.val.raw == tuple(2 * loss for loss in LOSSES)
    assert evidence.run.axis == ("epoch" if axis.lower() == "epoch" else "step")


def test_metric_rate_and_settings(table):
    columns = {"step": range(6), "train_loss": LOSSES, "val_accuracy": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}
    file = table("a.csv", {**columns, "lr": [0.1] * 6, "weight_decay": [1e-4] * 6, "momentum": [0.9] * 6})
    run = only(file)
    evidence = evidence_of(run)
    assert evidence.metric.higher_is_better and evidence.metric.best[1] == 0.6
    assert evidence.schedule.kind == "constant"
    assert dict(run.settings) == {"lr": 0.1, "weight_decay": 1e-4, "momentum": 0.9}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_and_a_byte_order_mark(table, delimiter):
    file = table("a.csv", {"step": range(6), "train_loss": LOSSES}, delimiter=delimiter)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert evidence_of(only(file)).train.raw == tuple(LOSSES)


def test_lightning_rows_have_gaps_and_hparams_stand_beside(table, tmp_path):
    rows = {"epoch": [0, 0, 1, 1, 2, 2, 3, 3], "step": [9, 9, 19, 19, 29, 29, 39, 39]}
    rows["train_loss_step"] = [2.0, None, 1.5, None, 1.2, None, 1.1, None]
    rows["val_loss"] = [None, 2.1, None, 1.6, None, 1.3, None, 1.2]
    table("metrics.csv", rows, tmp_path / "logs" / "version_3")
    (tmp_path / "logs" / "version_3" / "hparams.yaml").write_text("lr: 0.01\nbatch_size: 64\nmodel: {depth: 3}\n")
    run = only(tmp_path / "logs")
    assert run.name == "version_3"
    assert dict(run.settings) == {"lr": 0.01, "batch_size": 64.0, "model_depth": 3.0}
    evidence = evidence_of(run)
    assert evidence.val.raw == (2.1, 1.6, 1.3, 1.2) and len(evidence.train.raw) == 4
    assert run.epochs == 4


def test_a_setting_too_large_for_a_number_costs_only_itself(table, tmp_path):
    table("metrics.csv", {"step": range(4), "train_loss": [2.0, 1.5, 1.2, 1.1]})
    (tmp_path / "hparams.yaml").write_text(f"lr: 0.01\nserial: {'9' * 400}\ndropout: .nan\n")
    assert dict(only(tmp_path).settings) == {"lr": 0.01}


def test_json_lines_nested_and_cut_off(tmp_path):
    file = tmp_path / "log.jsonl"
    lines = [json.dumps({"step": i, "train": {"loss": loss}, "name": "x"}) for i, loss in enumerate(LOSSES)]
    file.write_text("\n".join([*lines, '{"step": 9, "tra']))
    run = only(file)
    assert evidence_of(run).train.raw == tuple(LOSSES)
    assert any("not JSON objects" in note for note in run.notes)


def test_hugging_face_takes_the_last_checkpoint(tmp_path):
    history = [{"step": 10 * i, "epoch": i, "loss": loss, "learning_rate": 1e-4} for i, loss in enumerate(LOSSES, 1)]
    history += [{"step": 10 * i, "epoch": i, "eval_loss": loss, "eval_runtime": 3} for i, loss in enumerate(LOSSES, 1)]
    for step in (30, 60):
        folder = tmp_path / "out" / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        kept = [row for row in history if row["step"] <= step]
        state = {"log_history": kept, "train_batch_size": 8, "num_train_epochs": 6}
        (folder / "trainer_state.json").write_text(json.dumps(state))
    run = only(tmp_path)
    assert run.name == "out"
    assert run.setting("batch_size") == 8.0
    evidence = evidence_of(run)
    assert len(evidence.train.raw) == len(evidence.val.raw) == 6


def test_keras_history_json(tmp_path):
    file = tmp_path / "history.json"
    file.write_text(json.dumps({"loss": LOSSES, "val_loss": LOSSES, "accuracy": LOSSES}))
    assert evidence_of(only(file)).val.raw == tuple(LOSSES)


def test_event_folder_with_settings_below_it(events):
    folder = events("runs/a", {"Train_Loss": LOSSES, "Test_Loss": LOSSES})
    events("runs/a/1584003243.4790237", {"final_loss": [0.85]}, {"lr": 0.1, "bsize": 32, "batch_size": 32, "net": "x"})
    events("runs/b", {"Train_Loss": LOSSES})
    found = read([folder.parent])
    assert [run.name for run in found.runs] == ["a", "b"]
    assert found.runs[0].setting("lr") == 0.1 and found.runs[0].setting("net") == "x"
    assert len(evidence_of(found.runs[0]).val.raw) == 6


def test_train_and_validation_folders_are_one_run(events):
    events("keras/train", {"epoch_loss": LOSSES})
    folder = events("keras/validation", {"epoch_loss": LOSSES}).parent
    run = only(folder)
    evidence = evidence_of(run)
    assert evidence.train.name == "train/epoch_loss" and evidence.val.name == "validation/epoch_loss"


def test_cut_and_damaged_event_files_give_what_came_before(events):
    folder = events("a", {"train/loss": np.linspace(2, 1, 50).tolist()})
    file = next(folder.iterdir())
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])
    run = only(folder)
    assert 10 < len(evidence_of(run).train.raw) < 50 and "truncated" in run.notes[0]
    broken = bytearray(data)
    broken[len(data) // 2] ^= 0xFF
    file.write_bytes(bytes(broken))
    run = only(folder)
    assert len(evidence_of(run).train.raw) < 50 and run.notes


def test_a_resumed_run_replaces_what_it_redid(table):
    run = only(table("a.csv", {"step": [1, 2, 3, 4, 3, 4, 5], "train_loss": [7, 6, 5, 4, 3, 2, 1]}))
    assert run.columns[0].y == (7.0, 6.0, 3.0, 2.0, 1.0)
    assert "resumed" in run.notes[0]


def test_one_stray_last_row_is_left_out(table):
    steps = [*range(1, 40), 400]
    run = only(table("a.csv", {"step": steps, "train_loss": [*np.linspace(2, 1, 39), 9.0]}))
    assert len(run.columns[0].x) == 39 and "stray" in run.notes[0]


def test_several_rows_an_epoch_are_spread_over_it(table):
    run = only(table("a.csv", {"epoch": [0, 0, 1, 1, 2, 2], "train_loss": LOSSES}))
    assert run.columns[0].x == (0.0, 0.5, 1.0, 1.5, 2.0, pytest.approx(2.5, abs=0.01))


def test_values_that_are_not_finite_are_kept_apart(table):
    evidence = evidence_of(
        only(table("a.csv", {"step": range(8), "train_loss": [3, 2, 1, "nan", 1, "nan", "inf", "nan"]}))
    )
    assert evidence.train.broken and evidence.train.raw == (3.0, 2.0, 1.0, 1.0)
    assert evidence.train.scattered == 1


BAD = {
    "empty.csv": b"",
    "only_header.csv": b"step,train_loss\n",
    "no_header.csv": b"1,2\n3,4\n",
    "text.csv": b"name,comment\na,b\n",
    "binary.csv": bytes(range(256)) * 20,
    "words.jsonl": b"hello\nworld\n",
    "cut.json": b'{"log_history": [',
    "other.json": b'{"a": 1}',
    "deep.json": b"[" * 100_000,
    "events.out.tfevents.1.x": b"not an event file at all, not even close",
    "events.out.tfevents.2.x": b"",
    "log.csv.gz": gzip.compress(b"step,train_loss\n1,2\n"),
}


@pytest.mark.parametrize("name", BAD)
def test_unreadable_files_are_one_clear_message_each(name, tmp_path):
    file = tmp_path / name
    file.write_bytes(BAD[name])
    found = read([file])
    assert not found.runs and len(found.failures) == 1
    failure = found.failures[0]
    assert str(tmp_path) in failure.found and failure.do and failure.expected


def test_the_others_are_still_read(table, tmp_path):
    table("good.csv", {"step": range(6), "train_loss": LOSSES})
    (tmp_path / "bad.csv").write_bytes(b"\0\1\2")
    found = read([tmp_path, tmp_path / "missing"])
    assert [run.name for run in found.runs] == ["good"]
    assert len(found.failures) == 2


def test_names_stay_unique(table, tmp_path):
    for folder in ("a", "b"):
        table("x.csv", {"step": range(6), "train_loss": LOSSES}, tmp_path / folder)
    found = read([tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv"])
    assert len({run.name for run in found.runs}) == 2


def test_long_columns_are_averaged(tmp_path):
    file = tmp_path / "long.csv"
    file.write_text("step,train_loss\n" + "".join(f"{i},{1 / (1 + i)}\n" for i in range(100_000)))
    run = only(file)
    assert len(run.columns[0].x) <= 20_000 and run.columns[0].group == 5
    assert math.isclose(run.columns[0].y[0], sum(1 / (1 + i) for i in range(5)) / 5, rel_tol=1e-9)
