"""The page of `advisor compare`: its verdict, its figures, and robustness against any content of compare.json."""

import copy
import re

import msgspec
import pytest

from advisor.report import comparison_page
from advisor.report.figures.variants import results_figure
from advisor.schema.comparison import ComparisonReport


def read(data):
    return msgspec.convert(data, ComparisonReport)


def render_comparison(data):
    return comparison_page.render_comparison(read(data))


@pytest.fixture
def compared(sample):
    return sample.comparison()


def test_names_the_best_and_by_how_much(compared):
    page = render_comparison(compared)
    assert "Width 64 does better than 32, by 0.093" in page
    assert "−0.093 (−0.13 to −0.05)" in page and "98%" in page
    assert page == render_comparison(copy.deepcopy(compared))


def test_names_what_does_not_beat_the_first(compared):
    del compared["variants"][1]
    said = comparison_page.verdict(read(compared))
    rest = "4 does worse; relu fails under some seed; 16 is indistinguishable from it."
    assert said == f"No width that was tried beats 32: {rest}"


def test_figures_have_words_tables_and_every_seed(compared):
    page = render_comparison(compared)
    assert page.count("<figure") == page.count("<desc") == page.count("Data behind this figure") == 2
    figure = results_figure(read(compared).variants, "width", "validation loss", 0.98, "x")
    assert [row[0] for row in figure.rows] == ["32", "64", "16", "4", "relu"]
    assert figure.rows[4][3] == "0.6000, diverged, 0.6000"
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


@pytest.mark.parametrize("put", ["<script>x</script>", "\x1b[2J\u202e", "W" * 10_000, "\u05e9\u05dc\u05d5\u05dd"])
def test_hostile_values_are_text(compared, put):
    compared.update(varied=put, name=put, fixed=put, run=put)
    compared["variants"][0]["value"] = put
    page = render_comparison(compared)
    page.encode("utf-8")
    assert "<script" not in page and not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    assert len(page.encode()) < 500_000


def test_one_value_alone_is_not_compared(compared):
    assert "Nothing was compared." in render_comparison({**compared, "variants": compared["variants"][:1]})
    assert "Nothing was compared." in render_comparison({**compared, "variants": []})


def test_all_seeds_diverged_is_drawn(compared):
    for variant in compared["variants"]:
        variant.update(losses=[None, None], rates=None)
    page = render_comparison(compared)
    assert "diverged" in page and page.count("<figure") == 1
