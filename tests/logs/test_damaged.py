"""Randomly damaged files give runs or a clear message, never another error.

``ADVISOR_FUZZ=20000 pytest tests/logs/test_damaged.py`` looks for longer.
"""

import json
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.app.read.result import read_and_judge
from advisor.logs.evidence import evidence_of
from advisor.logs.readers import read

EXAMPLES = int(os.environ.get("ADVISOR_FUZZ", "50"))
LOSSES = np.linspace(2, 1, 12).round(3).tolist()
FORMS = {
    "log.csv": "step,train_loss,val_loss\n" + "".join(f"{i},{y},{y + 1}\n" for i, y in enumerate(LOSSES)),
    "log.jsonl": "".join(json.dumps({"step": i, "train": {"loss": y}}) + "\n" for i, y in enumerate(LOSSES)),
    "trainer_state.json": json.dumps({"log_history": [{"step": i, "loss": y} for i, y in enumerate(LOSSES)]}),
}
PIECES = st.sampled_from(
    [b"", b"\0", b"\n", b'"', b",", b"{", b"}", b"nan", b"1e999", b"-", b"\xff\xfe", b"\r", b"%", b"[" * 50, b"9" * 400]
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), PIECES), min_size=1, max_size=4)


def damaged(data, edits):
    for place, cut, piece in edits:
        at = round(place * len(data))
        data = data[:at] + piece + data[at + cut :]
    return data


def read_or_told(path):
    found = read([path])
    assert len(found.runs) + len(found.failures) == 1
    assert all(str(path) in item.found and item.expected and item.do for item in found.failures)
    for run in found.runs:
        evidence_of(run)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(FORMS)), edits=EDITS)
def test_text_files(tmp_path, name, edits):
    file = tmp_path / name
    file.write_bytes(damaged(FORMS[name].encode(), edits))
    read_or_told(file)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_event_files(tmp_path_factory, events, edits):
    folder = events("run", {"train/loss": LOSSES, "val/loss": LOSSES})
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damaged(whole, edits))
    read_or_told(folder)
    file.unlink()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(tmp_path, encoding):
    file = tmp_path / "log.csv"
    file.write_bytes(("Époque;train_loss;epoch\n" + "é;2,5;1\né;1,5;2\né;1,0;3\n").encode(encoding))
    (run,) = read([file]).runs
    assert evidence_of(run).train.raw == (2.5, 1.5, 1.0)


def test_percent_signs_are_shares(table):
    file = table("a.csv", {"epoch": range(4), "val_loss": [4, 3, 2, 1], "val_acc": ["10%", "20 %", "30%", "40.5%"]})
    assert evidence_of(read([file]).runs[0]).metric.raw == pytest.approx((0.1, 0.2, 0.3, 0.405))


def test_of_columns_of_one_name_the_first_is_read(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("step,loss,loss\n1,4,9\n2,3,9\n3,2,9\n4,1,9\n")
    (run,) = read([file]).runs
    assert evidence_of(run).train.raw == (4.0, 3.0, 2.0, 1.0)
    assert any("more than once" in note for note in run.notes)


def test_lines_with_other_keys_and_gaps_are_read_as_one_by_one(tmp_path):
    """The block at once and the lines one by one must give the same."""
    rows = [{"step": i, "loss": y} for i, y in enumerate(LOSSES)]
    plain, mixed = tmp_path / "plain.jsonl", tmp_path / "mixed.jsonl"
    plain.write_text("".join(json.dumps(row) + "\n" for row in rows))
    mixed.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"loss": 0.5, "step": 99, "phase": "end"}]))
    whole = read([plain]).runs[0].columns[0]
    assert read([mixed]).runs[0].columns[0].y == (*whole.y, 0.5)
    swapped = "".join(f'{{"loss": {y}, "step": {i}}}\n' for i, y in enumerate(LOSSES))
    mixed.write_text('{"step": -1, "loss": 9}\n' + swapped)
    assert read([mixed]).runs[0].columns[0].y == (9.0, *whole.y)


def test_events_of_all_forms_keep_their_order(events):
    """Plain scalars are read many at once; long tags, huge steps and NaN beside them one by one."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    folder = events("run", {"train/loss": [9.0]})
    writer = EventFileWriter(str(folder), filename_suffix=".later")
    long = "train/" + "x" * 200 + "_loss"
    steps = [2, 127, 128, 70_000, 2**31, 2**40]
    for step in steps:
        both = [Summary.Value(tag="train/loss", simple_value=float(step)), Summary.Value(tag=long, simple_value=1.0)]
        for value in both:
            writer.add_event(Event(wall_time=1.5 * step, step=step, summary=Summary(value=[value])))
    twice = [Summary.Value(tag="train/loss", simple_value=float("nan")), Summary.Value(tag=long, simple_value=2.0)]
    writer.add_event(Event(wall_time=1.0, step=2**41, summary=Summary(value=twice)))
    writer.close()
    (run,) = read([folder]).runs
    found = {item.name: item for item in run.columns}
    assert found["train/loss"].x == (1.0, *map(float, steps), float(2**41))
    assert found["train/loss"].y == (9.0, *map(float, steps), float("inf"))
    assert found["train/loss"].wall[1:-1] == tuple(1.5 * step for step in steps)
    assert found[long].y == (1.0,) * len(steps) + (2.0,)


def test_one_bad_file_among_many_costs_only_itself(table, tmp_path):
    for name in "abc":
        table(f"{name}.csv", {"step": range(12), "train_loss": LOSSES})
    (tmp_path / "html.csv").write_text("<html><body>404, not found</body></html>")
    (tmp_path / "z.jsonl").write_bytes(bytes(range(256)))
    reading = read_and_judge([tmp_path])
    assert [evidence.run.name for evidence, _ in reading.runs] == ["a", "b", "c"]
    assert len(reading.failures) == 2
