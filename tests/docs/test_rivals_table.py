"""The read-me's table of rivals holds the figures of the committed results."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "rivals" / "figure.py"
pytestmark = pytest.mark.skipif(not SCRIPT.is_file(), reason="no benchmarks beside these tests")


@pytest.fixture(scope="module")
def figure():
    spec = importlib.util.spec_from_file_location("rivals_figure", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def found(figure):
    ours, rivals = (json.loads(figure.newest(ending).read_text()) for ending in ("advice-cpu", "rivals"))
    return figure.lines(ours, rivals)


def test_every_method_has_every_task(figure, found):
    assert [line.rival for line in found] == list(figure.LABELS)


def test_the_read_me_shows_these_figures(figure, found):
    assert figure.table(found) in (ROOT / "docs" / "rivals.md").read_text(encoding="utf-8"), (
        "run: python benchmarks/rivals/figure.py, and put the table it prints into docs/rivals.md"
    )


def test_the_figure_can_be_drawn(figure, found, tmp_path):
    figure.draw(found, tmp_path / "rivals.png")
    assert (tmp_path / "rivals.png").stat().st_size > 20_000
