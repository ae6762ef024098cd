"""The page of many runs: each drawn with its verdict, at a glance and in depth, in few bytes."""

import re

import numpy as np
import pytest

from advisor.app.read.page import page
from advisor.app.read.result import read_and_judge
from advisor.app.read.sketch import marks, sketch

RUNS = 14


@pytest.fixture
def folder(table, shapes, tmp_path):
    for index in range(RUNS):
        curves = shapes(30, seed=index)
        train, val = curves.falling(), curves.u_turn() if index % 2 else curves.falling(0.3)
        if index == 4:
            train[20:] = np.nan
        table(f"<b>{index}.csv", {"epoch": range(30), "train_loss": train, "val_loss": val}, tmp_path / "runs")
    return tmp_path / "runs"


@pytest.fixture
def reading(folder):
    return read_and_judge([folder])


def test_every_run_is_drawn_twice_with_its_verdict(reading):
    text = page(reading)
    drawn = re.findall(r'<svg class="sketch".*?</svg>', text, re.DOTALL)
    assert len(drawn) == 2 * RUNS
    assert sum("FT002" in svg for svg in drawn) == RUNS and sum('class="lost"' in svg for svg in drawn) == 2
    assert text.count('<li class="fault">') == 1 and text.count('<li class="advice">') >= RUNS // 2
    assert "<b>4" not in re.sub(r"<b><bdi>", "", text)


def test_two_hundred_runs_take_less_than_a_megabyte(reading):
    empty = len(page(read_and_judge([])))
    assert (len(page(reading)) - empty) / RUNS * 200 + empty < 1_000_000


def test_the_mark_stands_where_the_verdict_does(make, shapes):
    from advisor.rules.engine import judge_log
    from advisor.rules.selection import log_rules

    curves = shapes(40, noise=0.002)
    evidence = make(train_loss=curves.falling(), val_loss=curves.u_turn())
    findings = judge_log(evidence, log_rules())
    first = marks(findings)[0]
    assert first.code == "FT002" and first.at == pytest.approx(0.3, abs=0.1)
    lines = re.findall(r'<path d="M(\d+),', sketch(evidence, findings, (100, 50)))
    assert int(lines[0]) == pytest.approx(100 * first.at, abs=1)


def test_few_runs_are_shown_in_full(folder):
    files = sorted(folder.iterdir())[:2]
    text = page(read_and_judge(files))
    assert text.count('<figure id="') == 2 and "What would change the verdict" in text
    assert len(re.findall(r'class="sketch"', text)) == 2


def test_a_run_without_curves_is_no_drawing(make):
    assert sketch(make(train_loss=[1.0]), [], (100, 50)) == ""
