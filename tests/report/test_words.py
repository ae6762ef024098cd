"""Text of the page besides figures: measured values, terms, and the figures of findings."""

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from advisor.report.findings import measured
from advisor.report.formatting import ran_with, sentence
from advisor.report.glossary import glossary, terms_in
from advisor.schema.files import report_from
from tests.report import sample as made
from tests.report.rendered import figures_of, page_of

SAMPLES = sorted((Path(__file__).parents[2] / "reports" / "samples").glob("*/*/report.json"))
ORDER = ["lr", "batch_size", "schedule", "momentum", "weight_decay", "epochs"]


def test_measured_values_are_words():
    rows = measured(
        {
            "32": {"objective": 0.0917, "seeds": 2, "seconds_per_epoch": 0.08},
            "by_length": [[0.0594, 0.072], [0.25, 0.039]],
            "at_stake": None, "diverged_at": [], "verdict": "resolved", "length": 0.0594, "gradient_finite": True,
        }
    )  # fmt: skip
    assert rows == [
        ("batch size 32", "result 0.0917, seeds 2, seconds per epoch 0.08"),
        ("by length", "0.072 at 1/16, 0.039 at 1/4"),
        ("length of run", "1/16 of the full run"),
        ("gradient finite", "yes"),
    ]


def test_labels_and_sentences():
    report = report_from(made.healthy())
    arm, curve = report.arms[0], report.series.curves[0]
    ran = replace(arm, key="k", lr=0.403, batch_size=32, weight_decay=0.0, momentum=None)
    assert ran_with([arm, ran], replace(curve, id="k")) == "learning rate 0.403, batch size 32, weight decay 0"
    assert ran_with([arm, ran], replace(curve, id="x", label="length: lr=0.4")) == "length: lr=0.4"
    assert sentence("full-length runs") == "Full-length runs" and sentence("lr=0.1 wins") == "lr=0.1 wins"


def test_terms_are_found_as_words_and_explained():
    found = [term.words for term in terms_in("Two seeds under 1cycle; the LADDER overfits. Misstep.")]
    assert found == ["1cycle", "ladder", "overfitting", "seed"]
    assert all(line.meaning for line in glossary(term.anchor for term in terms_in("noise, probes, lr")))


def test_a_metric_names_the_axis(healthy):
    healthy["objective"] = {"name": "macro F1", "higher_is_better": True}
    drawn = {figure.id: figure for figure in figures_of(healthy)}
    response = next(figure for name, figure in drawn.items() if name.startswith("response-"))
    assert "macro F1" in response.title and "macro F1" in response.svg and "validation loss" not in response.svg
    assert any("macro F1" in name for name in response.head)


def test_the_rate_figure_shows_advised_and_present_rate(healthy):
    healthy["knobs"][0]["recommended"], healthy["knobs"][0]["current"] = 0.5, 0.1
    drawn = next(figure for figure in figures_of(healthy) if figure.title.startswith("Learning rate"))
    assert "advised 0.5" in drawn.svg and "current 0.1" in drawn.svg
    assert "The advised rate is 0.5." in drawn.description


def test_comparison_shows_present_against_advised(healthy):
    columns = {"step": [1, 2, 3], "train_loss": [2.0, 1.0, 0.5], "lr": [0.1, 0.3, 0.1], "momentum": [None] * 3}
    curve = {"id": "x", "label": "ladder: lr=0.3", "length": 0.06, **columns, "eval_step": [], "val_loss": []}
    healthy["series"]["comparison"] = {
        "length": 0.06, "noise": 0.01, "present": {**curve, "value": None}, "advised": {**curve, "value": 0.4},
    }  # fmt: skip
    drawn = figures_of(healthy)[0]
    assert drawn.id == "comparison" and "advised: 0.4" in drawn.svg and "diverged" in drawn.svg
    assert "diverged → 0.4" in page_of(healthy)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_figures_that_findings_name_are_drawn(path):
    report = json.loads(path.read_text(encoding="utf-8"))
    drawn = {name for figure in figures_of(report) if figure.svg for name in (figure.id, *figure.shows)}
    for finding in report["findings"]:
        assert set(finding["evidence"]["figures"]) <= drawn, finding["code"]
    named = [change["setting"] for change in report["changes"] if change["setting"] in ORDER]
    assert named == sorted(named, key=ORDER.index)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_no_raw_values_on_a_real_page(path):
    page = page_of(json.loads(path.read_text(encoding="utf-8")))
    shown = re.findall(r"<dt>Measured</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    assert shown or "cannot be trained" in page
    assert not [text for text in shown if re.search(r"[{}]|\bnone\b|_|\bTrue\b", re.sub("<.*?>", "", text))]
