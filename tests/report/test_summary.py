import re

import pytest

from advisor.report.summary import columns
from tests.report.rendered import lines_of


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_at_most_eight_lines_within_width(report, width):
    shown = lines_of(report, width, config="reports/digits/run/config.yaml", page="reports/digits/run/report.html")
    assert 1 <= len(shown) <= 8
    assert all(columns(line) <= width for line in shown)


def test_healthy_says_everything(healthy):
    healthy["changes"] = healthy["changes"][:3]
    shown = "\n".join(lines_of(healthy, 100, config="a/config.yaml", page="a/report.html"))
    assert "lr" in shown and "0.1 -> 0.8  (0.081 lower loss, sure)" in shown
    assert "cost 0.93 of 2 full runs, 41 probes" in shown
    assert "predicted validation loss 0.176 (0.165 to 0.188, 80%)" in shown
    assert "config a/config.yaml  report a/report.html" in shown


def test_all_changes_and_one_folder_fit_eighty_columns(healthy):
    folder = "reports/digits-cnn/2025-03-14T09-26-53"
    shown = lines_of(healthy, 80, config=f"{folder}/config.yaml", page=f"{folder}/report.html")
    assert sum(" -> " in line for line in shown) == len(healthy["changes"]) == 4
    assert shown[-1] == f"config.yaml and report.html in {folder}"
    assert "predicted loss 0.176 (0.165 to 0.188, 80%); cost 0.93 full runs, 3 min 51 s" in shown


def test_many_changes_are_counted(healthy):
    healthy["changes"] = healthy["changes"] * 4
    shown = lines_of(healthy, 80, config="c", page="p")
    assert len(shown) == 8 and any("more:" in line for line in shown)


def test_untrainable_says_what_where_and_what_to_do(sample):
    shown = "\n".join(lines_of(sample.untrainable(), 80, config="c.yaml", page="p.html"))
    assert "PF006" in shown and "head.softmax" in shown and "do: Remove" in shown
    assert "c.yaml" not in shown and "p.html" in shown


def test_assumed_settings_are_called_so(sample):
    assert "0.1 (assumed) -> 0.8" in "\n".join(lines_of(sample.interrupted()))


@pytest.mark.parametrize("put", ["\x1b[31mred\x1b[0m\r\n\x07", "\u202ex", "漢字" * 500, "W" * 10_000, "a\tb\nc"])
def test_hostile_strings(healthy, put):
    healthy["verdict"] = put
    for change in healthy["changes"]:
        change.update(setting=put, worth=put, to=put)
    shown = lines_of(healthy, 80, config=put, page=put)
    assert len(shown) <= 8 and all(columns(line) <= 80 for line in shown)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e]", "".join(shown))


def test_nothing_to_change(healthy):
    assert "  nothing to change" in lines_of({**healthy, "changes": [], "prediction": None})


@pytest.mark.parametrize("width", [60, 72, 80, 120])
def test_what_a_change_is_worth_is_whole_or_left_out(recorded, width):
    for name in ("healthy_mlp", "overfitting", "wine"):
        report = recorded(name)
        home = f"reports/{name}/2026-11-21-154632"
        shown = lines_of(report, width, config=f"{home}/config.yaml", page=f"{home}/report.html")
        changed = [line for line in shown if " -> " in line]
        assert changed and not [line for line in shown[1:] if "…" in line], shown
        assert all(line.endswith("sure)") for line in changed)
