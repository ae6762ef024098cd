"""The figure of all lengths, from recordings of real probes: what report.json holds for it, and what it shows."""

import pytest

from advisor.report.figures.axes import loss_limits
from advisor.utils.numbers import length, number
from tests.report.rendered import figures_of, page_of


def rates_of(report):
    return next(figure for figure in figures_of(report) if figure.id == "rates")


def test_every_length_is_there_shortest_first(recorded):
    report = recorded("healthy_mlp")
    data = report["series"]["rates"]
    shares = [run["length"] for run in data["lengths"]]
    assert shares == sorted(shares) and len(shares) == 3
    assert [run["response"] is None for run in data["lengths"]] == [False, False, True]
    figure = rates_of(report)
    knob = next(knob for knob in report["knobs"] if knob["name"] == "lr")
    words = [f"{length(share)} of run" for share in shares]
    words += [f"advised {number(knob['recommended'])}", f"current {number(knob['current'])}"]
    assert [word for word in words if word not in figure.svg] == []
    drawn = [figure.id for figure in figures_of(report)]
    assert len(figure.shows) == 2 and not set(figure.shows) & set(drawn)
    assert "response-epochs" not in drawn, "the forecast shows the same points"


def test_the_interval_widens_beyond_what_was_measured(recorded):
    drift = recorded("healthy_mlp")["series"]["rates"]["drift"]
    assert drift["optima"] == 2 and drift["length"][-1] == 1
    widths = [high / low for low, high in zip(drift["low"], drift["high"], strict=True)]
    assert widths[-1] == max(widths) > 1.5
    assert all(low < value < high for low, value, high in zip(drift["low"], drift["value"], drift["high"], strict=True))


def test_one_length_says_that_the_drift_was_not_measured(recorded):
    told = {}
    for name in ("healthy_mlp", "ladder_only", "lottery", "tokens"):
        report = recorded(name)
        drift = report["series"]["rates"]["drift"]
        told.setdefault(drift["optima"] > 1, []).append("not measured here" in rates_of(report).note)
    assert told == {True: [False] * len(told[True]), False: [True] * len(told[False])}


def test_a_run_that_would_overfit_is_not_extrapolated(recorded):
    report = recorded("overfitting")
    assert report["series"]["rates"]["drift"] is None
    figure = rates_of(report)
    assert "would overfit" in figure.note and figure.svg
    assert not any("extrapolated" in row[-1] for row in figure.rows)


@pytest.mark.parametrize("name", ["easy_flat", "edge", "unstable", "lottery", "wine", "raw_targets"])
def test_every_kind_of_response_is_drawn(recorded, name):
    report = recorded(name)
    figure = rates_of(report)
    assert figure.svg and "nan" not in figure.svg.lower()
    measured = [row for row in figure.rows if row[-1] in ("measured", "diverged")]
    assert len(measured) == sum(len(run["points"]) for run in report["series"]["rates"]["lengths"])


def test_nothing_is_drawn_where_nothing_was_compared(recorded):
    report = recorded("detached_loss")
    assert report["series"]["rates"] is None
    assert not [figure for figure in figures_of(report) if figure.id == "rates"]


@pytest.mark.parametrize("name", ["healthy_mlp", "easy_metric", "overfitting", "healthy_cnn", "tokens", "wine"])
def test_both_objectives_are_shown_whichever_one_judges(recorded, name):
    report = recorded(name)
    both = report["series"]["both"]
    finished = [arm for arm in report["arms"] if arm["round"].startswith("ladder") and arm["status"] == "finished"]
    best = {
        "loss": min(finished, key=lambda arm: arm["val_loss"])["lr"],
        "metric": max(finished, key=lambda arm: arm["metric"])["lr"],
    }
    rates = sorted(point["value"] for point in both["points"])
    for kind, rate in best.items():
        chosen, tops = both["by"][kind]["value"], max(p["metric"] for p in both["points"] if p["metric"] is not None)
        ties = [p["value"] for p in both["points"] if p["metric"] == tops] if kind == "metric" else [rate]
        near = [rates[max(0, i - 1) : i + 2] for i, value in enumerate(rates) if value in ties]
        assert any(group[0] <= chosen <= group[-1] for group in near), (kind, chosen)
    assert both["factor"] == pytest.approx(
        max(both["by"][a]["value"] / both["by"][b]["value"] for a, b in (("loss", "metric"), ("metric", "loss")))
    )
    page = page_of(report)
    shown = page[page.index("By both objectives") :][:900]
    assert "By validation loss" in shown and both["metric"] in shown and 'href="#fig-both"' in shown
    figure = next(figure for figure in figures_of(report) if figure.id == "both")
    assert len(figure.rows) == len(both["points"]) and figure.head[1:3] == ("validation loss", both["metric"])


def test_nothing_is_said_of_a_metric_that_was_not_recorded(recorded):
    report = recorded("raw_targets")
    assert report["series"]["both"] is None and "By both objectives" not in page_of(report)


def test_a_metric_cuts_its_bad_end_and_keeps_its_good_one():
    low, high = loss_limits([0.1, 0.88, 0.9, 0.91, 0.95], 4, upwards=True)
    assert 0.1 < low < 0.88 and high > 0.95
    low, high = loss_limits([0.1, 0.12, 0.15, 0.9], 4, upwards=False)
    assert low < 0.1 and high < 0.9
