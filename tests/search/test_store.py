"""The ledger: what was measured survives a crash and is never measured twice."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.records.spec import ProbeSpec
from advisor.records.trace import Trace, failed
from advisor.search.store import ProbeStore
from advisor.utils.codec import to_text

SPEC = ProbeSpec("cycle", {"name": "SGD", "lr": 0.1}, None, 8, 10, 0, (10,), 20, task="t")


def trace(spec: ProbeSpec, loss: float = 0.5) -> Trace:
    return replace(
        failed(spec, ""), status="finished", step=(1, 10), train_loss=(1.0, loss), lr=(0.1, 0.1),
        momentum=(math.nan, math.nan), eval_step=(10,), val_loss=(loss,), train_examples=80, eval_examples=20,
        val_loss_se=0.1, step_seconds=0.1, train_eval_loss=0.4,
    )  # fmt: skip


def filled(folder: Path, *specs: ProbeSpec) -> Path:
    store = ProbeStore(folder)
    for spec in specs:
        store.add(spec, trace(spec))
    store.close()
    return folder / "probes.jsonl"


def test_what_was_added_is_found_again(tmp_path: Path) -> None:
    store = ProbeStore(tmp_path / "ledger")
    assert store.find(SPEC) is None
    store.add(SPEC, trace(SPEC))
    assert store.find(SPEC) == trace(SPEC)
    store.close()
    found = ProbeStore(tmp_path / "ledger").find(SPEC)
    assert found is not None
    assert found.val_loss == (0.5,)
    assert all(map(math.isnan, found.momentum))
    assert to_text(found) == to_text(trace(SPEC))


def test_a_probe_is_on_the_disk_before_it_is_used(tmp_path: Path) -> None:
    store = ProbeStore(tmp_path)
    store.add(SPEC, trace(SPEC))
    other = ProbeStore(tmp_path / "other", [tmp_path])
    assert other.find(SPEC) is not None
    other.close()
    store.close()


@pytest.mark.parametrize("cut", [2, 20, 200])
def test_a_torn_last_line_is_passed_over(cut: int, tmp_path: Path) -> None:
    file = filled(tmp_path, SPEC, SPEC.with_seed(1))
    file.write_bytes(file.read_bytes()[:-cut])
    store = ProbeStore(tmp_path)
    assert store.find(SPEC) is not None
    assert store.find(SPEC.with_seed(1)) is None
    store.close()


def test_what_is_added_after_a_torn_line_is_not_lost(tmp_path: Path) -> None:
    file = filled(tmp_path, SPEC)
    file.write_bytes(file.read_bytes()[:-30])
    filled(tmp_path, SPEC.with_seed(2))
    assert ProbeStore(tmp_path).find(SPEC.with_seed(2)) is not None


@pytest.mark.parametrize(
    "line", ["", "not json", "[]", "3", "null", "{}", '{"key": "k"}', '{"key": "k", "trace": 3}', "\x00\xff"]
)
def test_foreign_lines_are_passed_over(line: str, tmp_path: Path) -> None:
    file = filled(tmp_path, SPEC)
    file.write_bytes(line.encode("latin-1") + b"\n" + file.read_bytes() + line.encode("latin-1") + b"\n")
    store = ProbeStore(tmp_path)
    assert store.find(SPEC) is not None
    store.close()


def test_earlier_runs_are_read_and_not_written(tmp_path: Path) -> None:
    earlier = filled(tmp_path / "a" / "ledger", SPEC)
    before = earlier.read_bytes()
    store = ProbeStore(tmp_path / "b" / "ledger", [tmp_path / "a" / "ledger", tmp_path / "absent"])
    assert store.find(SPEC) is not None
    store.add(SPEC.with_seed(1), trace(SPEC))
    store.close()
    assert earlier.read_bytes() == before
    assert len((tmp_path / "b" / "ledger" / "probes.jsonl").read_text().splitlines()) == 1


def test_failed_probes_are_tried_again(tmp_path: Path) -> None:
    store = ProbeStore(tmp_path)
    store.add(SPEC, failed(SPEC, "killed"))
    assert store.find(SPEC) is None
    store.add(SPEC, replace(trace(SPEC), status="diverged", val_loss=(math.nan,)))
    found = store.find(SPEC)
    assert found is not None
    assert found.diverged
    store.close()
