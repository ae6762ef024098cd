"""``advisor read`` from the user's side: text, JSON, page, exit codes, hostile names."""

import json
import re
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner

from advisor.cli.main import main

HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m\x1b]0;owned\x07\u202etxt"


def read(*words):
    return CliRunner().invoke(main, ["read", *map(str, words)])


@pytest.fixture
def overfit(table, shapes):
    curves = shapes(30)
    return table("run1.csv", {"step": range(30), "train_loss": curves.falling(), "val_loss": curves.u_turn()})


def test_text(overfit):
    result = read(overfit)
    assert result.exit_code == 0
    assert result.stdout.startswith("run1") and "FT002" in result.stdout and "do:" in result.stdout
    assert all(len(line) < 900 for line in result.stdout.splitlines())


def test_json_has_the_documented_shape(overfit):
    found = json.loads(read(overfit, "--format", "json").stdout)
    assert set(found) >= {"runs", "comparison"}
    findings = {item["code"]: item for item in found["runs"][0]["findings"]}
    assert findings["FT002"]["verdict"] == "detected"
    keys = {"code", "title", "verdict", "confidence", "evidence", "advice", "sources"}
    assert all(keys <= set(item) for item in findings.values())
    verdicts = {"detected", "not_detected", "not_identifiable", "not_applicable"}
    assert {item["verdict"] for item in findings.values()} <= verdicts


def test_selection(overfit):
    found = json.loads(read(overfit, "--format", "json", "--select", "FT", "--ignore", "FT002").stdout)
    codes = {item["code"] for item in found["runs"][0]["findings"]}
    assert "FT001" in codes and "FT002" not in codes and all(code.startswith("FT") for code in codes)
    assert read(overfit, "--select", "QQ").exit_code == 2


def test_unreadable_files_are_named_on_stderr_and_the_others_read(overfit, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"")
    result = read(overfit, bad)
    assert result.exit_code == 0 and "FT002" in result.stdout
    assert "bad.csv" in result.stderr and "expected" in result.stderr and "do" in result.stderr
    assert read(bad).exit_code == 2 and read(tmp_path / "nowhere").exit_code == 2


def test_page(overfit, tmp_path):
    page = tmp_path / "page.html"
    assert read(overfit, "--html", page).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "FT002" in text and "<svg" in text and "<script" not in text
    assert text == (read(overfit, "--html", page), page.read_text(encoding="utf-8"))[1]
    assert read(overfit, "--html", tmp_path / "no" / "folder.html").exit_code == 2


@pytest.mark.parametrize("full", [2, 12])
def test_every_link_of_the_page_leads_somewhere(overfit, table, shapes, tmp_path, monkeypatch, full):
    monkeypatch.setattr("advisor.app.read.page._FULL", full)
    table("run2.csv", {"step": range(30), "val_accuracy": (1.0 - shapes(30).u_turn()).tolist()})
    table("run3.csv", {"step": range(30), "val_loss": shapes(30).u_turn()})
    page = tmp_path / "page.html"
    assert read(tmp_path, "--html", page).exit_code == 0
    text = page.read_text(encoding="utf-8")
    links, there = set(re.findall(r'href="#([^"]+)"', text)), set(re.findall(r'id="([^"]+)"', text))
    assert {"run-0-run1", "run-1-run2", "run-2-run3"} <= links <= there
    assert ("run-0-run1-curves" in links) == (full == 12)


def test_hostile_names_are_harmless(events, table, shapes, tmp_path):
    curves = shapes(20)
    folder = tmp_path / HOSTILE.replace("/", "")
    table("a.csv", {"step": range(20), f"train_loss {HOSTILE}": curves.falling(), "val_loss": curves.u_turn()}, folder)
    events("e", {f"{HOSTILE}/train_loss": curves.falling().tolist()}, {HOSTILE: HOSTILE, "lr": 0.1})
    page = tmp_path / "page.html"
    result = read(tmp_path, "--html", page)
    assert result.exit_code == 0
    for text in (result.stdout, result.stderr):
        assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text
    shown = page.read_text(encoding="utf-8")
    assert "<img" not in shown and "\x1b" not in shown and "\u202e" not in shown
    json.loads(read(tmp_path, "--format", "json").stdout)


def test_ten_thousandth_of_the_largest_file_and_its_pace(tmp_path):
    file = tmp_path / "big.csv"
    values = 1 + np.exp(-np.arange(300_000) / 50_000)
    file.write_text("step,train_loss\n" + "".join(f"{i},{y:.5f}\n" for i, y in enumerate(values.tolist())))
    began = time.perf_counter()
    assert read(file).exit_code == 0
    assert time.perf_counter() - began < 20


def test_no_torch_is_imported(overfit):
    code = (
        "import sys; from click.testing import CliRunner; from advisor.cli.main import main; "
        f"r = CliRunner().invoke(main, ['read', {str(overfit)!r}]); assert r.exit_code == 0, r.output; "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
