"""One small hand-made log per format, read for its values."""

import json
import math

import pytest

from advisor.logs.evidence import evidence_of
from advisor.logs.readers import read
from advisor.logs.readers.json_lines import Records, named
from advisor.logs.readers.templates import same_lines

TRAIN = (2.0, 1.5, 1.2, 1.0)
VAL = (2.1, 1.7, 1.5, 1.45)
EPOCHS = range(1, 5)


def _rows(*lines):
    return "\n".join(lines) + "\n"


TEXTS = {
    "per_epoch.log": _rows(
        *(
            f"2024-05-0{e} 10:00:00,123 - INFO - Epoch {e}/4, Train Loss: {t}, Val Loss: {v}"
            for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True)
        )
    ),
    "equals.txt": _rows(
        *(f"epoch={e} train_loss={t} val_loss={v} lr=0.01" for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True))
    ),
    "nanogpt.txt": _rows(
        *(f"step {100 * e}: train loss {t:.4f}, val loss {v:.4f}" for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True))
    ),
    "keras.txt": _rows(
        *(
            f"Epoch {e}/4\n 1/50 [>.....] - ETA: 3s - loss: 9.0\r"
            f"50/50 [=====] - 1s 20ms/step - loss: {t} - val_loss: {v}"
            for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True)
        )
    ),
    "bars_and_dicts.log": _rows(
        *(
            f" {e}%|#| {e}/100 [00:01<00:09, 1.0it/s]{{'loss': {t}, 'epoch': {e}}}\r{{'eval_loss': {v}, 'epoch': {e}}}"
            for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True)
        )
    ),
    "fairseq.log": _rows(
        *(
            f'2020-01-01 | INFO | train | {{"epoch": {e}, "train_loss": "{t}"}}\n'
            f'2020-01-01 | INFO | valid | {{"epoch": {e}, "valid_loss": "{v}"}}'
            for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True)
        )
    ),
    "flair.log": _rows(
        *(
            f"EPOCH {e} done: loss {t} - lr: 0.1000\nDEV : loss {v} - score 0.8\nBAD EPOCHS (no better): 0"
            for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True)
        )
    ),
    "skorch.txt": _rows(
        "  epoch    train_loss    valid_loss     dur",
        "-------  ------------  ------------  ------",
        *(f"      {e}        {t}        {v}  0.03" for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True)),
    ),
    "mmengine.json": _rows(
        *(
            json.dumps({"lr": 0.1, "loss": t, "epoch": e, "iter": 10 * e, "step": 10 * e})
            + "\n"
            + json.dumps({"val_loss": v, "step": e})
            for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True)
        )
    ),
    "openmmlab.log.json": _rows(
        '{"env_info": "x"}',
        *(
            json.dumps({"mode": "train", "epoch": e, "iter": 10, "loss": t})
            + "\n"
            + json.dumps({"mode": "val", "epoch": e, "iter": 3, "loss": v})
            for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True)
        ),
    ),
    "xgboost.log": _rows(
        *(f"[{e}]\ttrain-logloss:{t}\tvalid-logloss:{v}" for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True))
    ),
    "file_logger.log": _rows(
        *(
            f"2020-02-10 21:02:21,147 - log/train.log - INFO - epoch {e} loss {t} val_loss {v}"
            for e, t, v in zip(EPOCHS, TRAIN, VAL, strict=True)
        )
    ),
    "cut_off_history.json": json.dumps({"loss": TRAIN, "val_loss": VAL})[:-1] + ', "lr": [0.1, 0.',
    "history.json": json.dumps({"history": {"loss": TRAIN, "val_loss": VAL}}),
}


@pytest.mark.parametrize("name", TEXTS)
def test_losses_of_each_format(name, tmp_path):
    (tmp_path / name).write_text(TEXTS[name])
    found = read([tmp_path / name])
    assert not found.failures
    evidence = evidence_of(found.runs[0])
    assert evidence.train.raw == pytest.approx(TRAIN) and evidence.val.raw == pytest.approx(VAL)


def test_batches_are_counted_within_their_epoch(tmp_path):
    lines = [f"Train Epoch: {e} [{b}/300 (0%)]\tLoss: {5 - e}" for e in (1, 2, 3) for b in (0, 100, 200)]
    (tmp_path / "a.log").write_text(_rows(*lines))
    (run,) = read([tmp_path / "a.log"]).runs
    assert run.axis == "epoch" and len(run.columns[0].x) == 9 and not run.notes
    assert run.columns[0].x[:4] == pytest.approx((1.0, 4 / 3, 5 / 3, 2.0))


def test_zeros_that_were_not_measured_are_gaps(tmp_path):
    rows = [f"{e},{2 / e},{0 if e < 4 else 1.5},{0 if e < 4 else 0.3}" for e in range(1, 5)]
    (tmp_path / "results.csv").write_text(_rows("epoch,train/box_loss,val/box_loss,metrics/mAP50-95(B)", *rows))
    (run,) = read([tmp_path / "results.csv"]).runs
    assert evidence_of(run).val.raw == (1.5,) and "not measured" in run.notes[0]


def test_a_pointer_and_rows_that_do_not_fit_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    (tmp_path / "b.csv").write_text(_rows("epoch,train_loss,val_loss", *(f"{e},1,{e + 5},2" for e in range(1, 6))))
    found = read([tmp_path])
    assert not found.runs and len(found.failures) == 2
    assert "git lfs pull" in found.failures[0].do and "4 cells in a row under 3 names" in found.failures[1].found


def test_rows_that_are_runs_are_no_curve(tmp_path):
    rows = [f"a{i},{lr},{i},{0.5 + lr}" for i, lr in enumerate((0.1, 0.2, 0.1, 0.2))]
    (tmp_path / "runs.csv").write_text(_rows("Name,learning_rate,seed,val_loss", *rows))
    found = read([tmp_path / "runs.csv"])
    assert not found.runs and [row.settings for row in found.tables[0].rows][:2] == [{"lr": 0.1}, {"lr": 0.2}]


def test_a_table_beside_its_event_file_is_one_run(events, table, tmp_path):
    values = [2.0, 1.5, 1.2, 1.1, 1.0]
    events("run", {"train/loss": values})
    table("results.csv", {"step": range(1, 6), "train/loss": values, "val/loss": values}, tmp_path / "run")
    (run,) = read([tmp_path]).runs
    assert run.kind == "csv" and any("also recorded" in note for note in run.notes)


def test_mlflow_folders(tmp_path):
    folder = tmp_path / "mlruns" / "0" / "abc123def"
    (folder / "metrics").mkdir(parents=True)
    (folder / "params").mkdir()
    (folder / "meta.yaml").write_text("run_name: x\n")
    (folder / "metrics" / "val_loss").write_text(_rows(*(f"1700 {v} {i}" for i, v in enumerate(VAL))))
    (folder / "params" / "lr").write_text("0.1")
    (run,) = read([tmp_path]).runs
    assert evidence_of(run).val.raw == VAL and run.setting("lr") == 0.1


def test_agents_and_generators_are_not_judged_by_their_losses(tmp_path):
    rows = [f"{i},{i % 3},{i % 2}" for i in range(9)]
    (tmp_path / "gan.csv").write_text(_rows("step,loss_D,loss_G", *rows))
    evidence = evidence_of(read([tmp_path / "gan.csv"]).runs[0])
    assert evidence.main is None and "adversarial" in evidence.declined
    (tmp_path / "rl.csv").write_text(
        _rows("step,actor_loss,critic_loss,episode_return", *(f"{i},1,2,{i}" for i in range(9)))
    )
    evidence = evidence_of(read([tmp_path / "rl.csv"]).runs[0])
    assert evidence.main.name == "episode_return" and evidence.main.higher_is_better


UNNAMED = {
    "results.txt": (
        "     {i}/3        0G    0.1209   0.01456         0    0.1354        19       416    0.2    0.3    0.4  0.{i}1"
        "   0.06328   0.01257         0",
        ("metrics/mAP_0.5:0.95", (0.01, 0.11, 0.21, 0.31)),
    ),
    "darknet.log": (
        " {i}: 2.860391, 3.{i} avg loss, 0.001000 rate, 15.06 seconds, 14464 images, 16.8 hours left",
        ("train/avg_loss", (3.0, 3.1, 3.2, 3.3)),
    ),
    "train_loss.txt": ("{i}.5e-1", ("train_loss", (0.05, 0.15, 0.25, 0.35))),
    "opennmt.log": (
        "[2024-05-08 04:06:17,722 INFO] Step {i}50/1000; acc:  12.00; xent: 3.{i}; lr: 1.00000; 1127/870 tok/s;  4 sec",
        ("xent", (3.0, 3.1, 3.2, 3.3)),
    ),
}


@pytest.mark.parametrize("name", UNNAMED)
def test_lines_that_others_print(name, tmp_path):
    line, (column, values) = UNNAMED[name]
    (tmp_path / name).write_text("".join(line.format(i=i) + "\n" for i in range(4)))
    found = read([tmp_path / name])
    assert not found.failures
    curves = {item.name: item.y for item in found.runs[0].columns}
    assert curves[column] == pytest.approx(values)


def test_a_chart_of_two_runs_of_which_one_has_extremes(tmp_path):
    rows = ["Step,a-1 - val_loss,a-1 - val_loss__MIN,a-1 - val_loss__MAX,b-2 - val_loss"]
    (tmp_path / "chart.csv").write_text("\n".join([*rows, *(f"{i},{2 - i},1,2,{3 - i}" for i in range(4))]))
    assert {run.name: run.columns[0].y[0] for run in read([tmp_path / "chart.csv"]).runs} == {"a-1": 2.0, "b-2": 3.0}


def test_notes_that_are_called_a_log_are_read(tmp_path):
    text = "# Runs\n```\n" + "".join(f"step {i}, loss: {2 - i / 10}\n" for i in range(9)) + "```\n"
    for name in ("log.md", "notes.md"):
        (tmp_path / name).write_text(text)
    (run,) = read([tmp_path]).runs
    assert run.source.endswith("log.md") and len(run.columns[0].x) == 9


RECORDS = {
    "nested": lambda i, loss: {"step": i, "train": {"loss": loss, "acc1": 50 * loss}, "phase": "train"},
    "text with numbers": lambda i, loss: {
        "step": i,
        "eval": {"loss": -loss, "ok": True, "n": None},
        "note": "x: 1.5, y",
    },
    "small": lambda i, loss: {"step": i, "train": {"loss": 1e-9 * loss}},
}


@pytest.mark.parametrize("kind", RECORDS)
def test_a_block_of_like_lines_says_what_its_lines_say(kind):
    rows = [RECORDS[kind](i, 1.0 / (i + 3)) for i in range(50)]
    found = same_lines("".join(json.dumps(row) + "\n" for row in rows), named)
    assert found is not None
    at_once, one_by_one = Records(), Records(rows)
    at_once.extend(*found)
    assert at_once.columns() == one_by_one.columns() and one_by_one.rows == 50


@pytest.mark.parametrize(
    "odd", [{"step": 9, "train": {"loss": "no"}}, {"step": 9}, {"step": 9, "train": {"loss": math.nan}}]
)
def test_a_block_of_unlike_lines_is_read_one_by_one(odd):
    rows = [*({"step": i, "train": {"loss": 0.5}} for i in range(9)), odd]
    assert same_lines("".join(json.dumps(row) + "\n" for row in rows), named) is None
