"""The figure of batch sizes: speed, knee, sizes that do not run, and the critical batch size."""

import pytest

from tests.report.rendered import figures_of, page_of


def row(size, seconds=None, error=None):
    speed = size / seconds if seconds else None
    return {"batch_size": size, "step_seconds": seconds, "examples_per_second": speed, "peak_bytes": size * 2**20,
            "fits": seconds is not None, "error": error}  # fmt: skip


@pytest.fixture
def timed(healthy):
    rows = [row(64, 0.008), row(256, 0.016), row(512, 0.031), row(2048, error="out of memory <b>")]
    scale = {"value": 300.0, "low": 150.0, "high": 700.0}
    healthy["profile"]["batch"] = {"rows": rows, "knee": 256, "largest": 512, "noise_scale": scale}
    return healthy


def batch_of(report):
    return next((figure for figure in figures_of(report) if figure.id == "batch"), None)


def test_shows_speed_knee_failures_and_critical_size(timed):
    figure = batch_of(timed)
    for words in ("knee", "current 64", "advised 512", "critical batch size 300"):
        assert words in figure.svg, words
    assert [line[-2] for line in figure.rows] == ["runs", "runs", "runs", "out of memory <b>"]
    assert figure.rows[0][3] == "4.992", "39936 examples at 8000 per second"
    assert figure.rows[1][-1] == "1.85 (1.37 to 2.71) times"
    assert "Did not run: 2048." in figure.description and "interval 150 to 700" in figure.description


def test_without_a_noise_scale_there_is_one_panel(timed):
    with_scale = batch_of(timed).svg
    timed["profile"]["batch"]["noise_scale"] = None
    figure = batch_of(timed)
    assert "critical" not in figure.svg + figure.note and len(figure.head) == 6
    assert figure.svg.count("examples needed") == 0 < with_scale.count("examples needed")


def test_a_single_size_shows_only_what_the_noise_tells(timed):
    timed["profile"]["batch"]["rows"] = timed["profile"]["batch"]["rows"][:1]
    figure = batch_of(timed)
    assert figure.title == "Batch size: examples needed" and "examples per second" not in figure.svg
    assert "advised 512" in figure.svg and len(figure.rows) == 1


def test_not_measured_is_not_drawn(timed):
    page = page_of(timed)
    assert 'id="fig-batch"' in page and "out of memory &lt;b&gt;" in page
    del timed["profile"]["batch"]
    assert batch_of(timed) is None and "fig-batch" not in page_of(timed)


CHANGES = [
    {"rows": []},
    {"rows": [row(0), row(8)]},
    {"noise_scale": {"value": -1, "low": None, "high": None}},
    {"noise_scale": {"value": 1e-9, "low": 1e-10, "high": 1e9}},
]


@pytest.mark.parametrize("change", CHANGES)
def test_any_form_is_survived(timed, change):
    timed["profile"]["batch"].update(change)
    figure = batch_of(timed)
    assert bool(figure.svg) == bool(figure.rows) and "nan" not in figure.svg.lower()
