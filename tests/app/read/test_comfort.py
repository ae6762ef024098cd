"""No false comfort: "nothing wrong" is never reported for a run that is wrong or cannot be judged."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.app.read.opening import NOTHING_WRONG, opening
from advisor.logs.evidence import evidence_of
from advisor.logs.run import Column, Run
from advisor.rules.engine import judge_log
from advisor.rules.selection import log_rules

COMFORT = (NOTHING_WRONG, "nothing that calls for a change was found")
SEEDS = st.integers(0, 10_000)
NOISE = st.sampled_from([0.0, 0.003, 0.03])


def told(**curves):
    """Sentences before the findings, and the detected codes."""
    size = max(map(len, curves.values()))
    columns = tuple(
        Column(name.replace("__", "/"), tuple(np.linspace(size / len(y), size, len(y)).tolist()), tuple(map(float, y)))
        for name, y in curves.items()
    )
    evidence = evidence_of(Run("run", "file", "csv", "epoch", columns))
    findings = judge_log(evidence, log_rules())
    return opening(evidence, findings), {f.code: f for f in findings if f.judgement.verdict == "detected"}


def comforts(**curves):
    return any(text in COMFORT for text in told(**curves)[0])


def falling(size, seed, noise, floor=0.2):
    t = np.arange(1, size + 1) / size
    return floor + np.exp(-6 * t) + noise * np.random.default_rng(seed).standard_normal(size)


def test_a_sound_run_is_called_sound():
    train, val = falling(40, 0, 0.01) ** 2, falling(40, 1, 0.01) ** 2
    said, found = told(train_loss=train, val_loss=val)
    assert any(text in COMFORT for text in said)
    assert not [item for item in found.values() if item.severity != "info"]


@settings(max_examples=7, deadline=None)
@given(size=st.integers(1, 4), seed=SEEDS, noise=NOISE)
def test_few_looks(size, seed, noise):
    train, val = falling(size, seed, noise), falling(size, seed + 1, noise)
    assert not comforts(train_loss=train, val_loss=val)
    assert not comforts(train_loss=falling(60, seed, noise), val_loss=val)
    assert not comforts(train_loss=train, val_loss=val, val_acc=np.linspace(0.5, 0.9, size))


@settings(max_examples=7, deadline=None)
@given(size=st.integers(3, 80), level=st.sampled_from([0.0, 1e-8, 0.693, 2.3, 7.0, 1e6]), seed=SEEDS)
def test_a_constant(size, level, seed):
    constant = np.full(size, level)
    assert not comforts(train_loss=constant, val_loss=constant)
    assert not comforts(train_loss=falling(size, seed, 0.01), val_loss=constant)
    assert not comforts(train_loss=constant, val_loss=falling(size, seed, 0.01))
    assert "FT005" in told(train_loss=constant, val_loss=constant)[1]


@settings(max_examples=7, deadline=None)
@given(size=st.integers(5, 80), classes=st.sampled_from([2, 3, 10, 100]), percent=st.booleans(), seed=SEEDS)
def test_at_chance(size, classes, percent, seed):
    random = np.random.default_rng(seed)
    train, val = math.log(classes) * (1 + 0.001 * random.standard_normal((2, size)))
    right = (100.0 if percent else 1.0) * (1 / classes + 0.002 * random.standard_normal(size))
    assert not comforts(train_loss=train, val_loss=val)
    assert not comforts(train_loss=train, val_loss=val, val_acc=np.abs(right))


@settings(max_examples=7, deadline=None)
@given(size=st.integers(5, 80), seed=SEEDS, noise=st.sampled_from([0.01, 0.3]))
def test_nothing_ever_improves(size, seed, noise):
    random = np.random.default_rng(seed)
    train, val = 2.0 + noise * random.standard_normal((2, size))
    assert not comforts(train_loss=train, val_loss=val)
    assert not comforts(train_loss=falling(size, seed, 0.01), val_loss=val)


@settings(max_examples=6, deadline=None)
@given(size=st.integers(1, 80), seed=SEEDS, noise=NOISE)
def test_nothing_was_held_out(size, seed, noise):
    train = falling(size, seed, noise)
    assert not comforts(train_loss=train)
    assert not comforts(train_loss=train, train_acc=1.0 - train / 2)
    assert not comforts(loss=train, accuracy=1.0 - train / 2)


@settings(max_examples=6, deadline=None)
@given(size=st.integers(8, 80), seed=SEEDS, at=st.floats(0.3, 0.95), last=st.sampled_from([math.nan, math.inf]))
def test_a_loss_that_is_lost(size, seed, at, last):
    train = falling(size, seed, 0.01)
    train[int(at * size) :] = last
    said, found = told(train_loss=train, val_loss=falling(size, seed + 1, 0.01))
    assert not any(text in COMFORT for text in said)
    assert "FT005" in found


@settings(max_examples=6, deadline=None)
@given(size=st.integers(10, 80), seed=SEEDS, floor=st.floats(0.6, 3.0))
def test_held_out_data_are_left_behind(size, seed, floor):
    """Training goes to nothing while validation levels off early, high above it."""
    t = np.arange(1, size + 1) / size
    random = np.random.default_rng(seed)
    train = 1.2 * floor * np.exp(-5 * t) * (1 + 0.01 * random.standard_normal(size))
    val = floor + 0.2 * floor * np.exp(-20 * t) + 0.005 * random.standard_normal(size)
    said, found = told(train_loss=train, val_loss=val)
    assert not any(text in COMFORT for text in said)
    assert found.keys() & {"FT002", "FT014"} and "FT009" not in found


def test_memorised_data_and_broken_held_out_data_are_no_dead_run():
    """Accuracy of 0.97 on training data and of chance on others: something is learned that does not generalise."""
    random = np.random.default_rng(0)
    right = np.clip(0.97 - 0.2 * np.exp(-np.arange(20.0)), 0, 1)
    said, found = told(
        loss=0.1 + 0.7 * np.exp(-np.arange(20.0)) + 0.05 * random.random(20), accuracy=right,
        val_loss=12 + 4 * random.random(20), val_accuracy=0.25 + 0.05 * random.standard_normal(20),
    )  # fmt: skip
    assert "FT014" in found and "FT005" not in found
    assert not any("one scale" in text for text in said)


@pytest.mark.parametrize("name", ["WEIGHT", "lambda"])
def test_a_setting_of_a_loss_is_no_loss(name):
    columns = (Column(f"CENTER_LOSS_{name}", (1.0, 2.0), (0.5, 0.5)),)
    assert evidence_of(Run("run", "file", "text", "row", columns)).main is None


def test_one_term_that_rises_is_no_fault():
    """The box loss of a detector rises as more boxes are found; the total rises with it."""
    t = np.arange(1, 81) / 80
    box, kind = 0.1 + 0.25 * (1 - np.exp(-4 * t)), 0.03 + 0.9 * np.exp(-20 * t)
    terms = {"loss_box_reg": box, "loss_cls": kind, "total_loss": box + kind}
    said, found = told(**terms)
    assert not [item for item in found.values() if item.severity == "fault"]
    assert any("loss_box_reg alone" in text for text in said)
    assert "FT008" in told(total_loss=terms["total_loss"])[1]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_validation_loss_that_is_never_finite(value):
    said, found = told(train_loss=falling(30, 0, 0.01), val_loss=np.full(30, value))
    assert set(found) - {"FT009"} == {"FT005"} and "val_loss" in found["FT005"].judgement.text
    assert not any("held out" in text for text in said)


def test_a_validation_accuracy_that_falls_again():
    t = np.arange(1, 31) / 30
    right = 0.9 - 0.5 * np.exp(-10 * t) - 0.4 * np.maximum(0, t - 0.4)
    said, found = told(train_loss=falling(30, 0, 0.01, 0.01), val_acc=right)
    assert found["FT002"].judgement.values["at"] == pytest.approx(0.4, abs=0.05)
    assert not any(text in COMFORT for text in said)


def test_a_metric_that_names_no_data_may_be_of_training():
    said, _ = told(train_loss=falling(30, 0, 0.01), accuracy=1 - falling(30, 1, 0.01) / 2)
    assert "does not say which data" in said[0]
