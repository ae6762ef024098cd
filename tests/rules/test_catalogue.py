"""The rule book as text, the page made from it, and rules of other packages."""

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner

from advisor.cli.main import main
from advisor.errors import UsageError
from advisor.rules import selection
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.catalogue import markdown, rule_book
from advisor.rules.finding import not_detected
from advisor.rules.registry import RULES
from advisor.rules.retired import RETIRED
from tests.report import sample

ROOT = Path(__file__).parents[2]


def run(*words):
    return CliRunner().invoke(main, list(words))


def test_the_page_is_up_to_date():
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == markdown(rule_book(plugins=False)), "python -m advisor.rules.catalogue > docs/rules.md"


def test_every_rule_is_listed():
    result = run("rules")
    assert result.exit_code == 0
    assert all(rule.code in result.output and rule.title in result.output for rule in (*RULES, *RETIRED))


def test_one_family_as_json():
    found = json.loads(run("rules", "--family", "LR", "--format", "json").output)
    assert {item["family"] for item in found} == {"LR"}
    assert all(item["manual"] and item["sources"][0]["url"].startswith("http") for item in found)


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_every_manual_is_whole(code):
    result = run("rule", code.lower())
    assert result.exit_code == 0
    for words in ("## What it reads", "## Why it matters", "## Sources", "## Known limits", "confidence", "https://"):
        assert words in result.output
    assert "not in the list of sources" not in result.output


def test_where_it_fired_last(tmp_path):
    folder = tmp_path / "task" / "first"
    folder.mkdir(parents=True)
    found = [sample.finding("FT002", "Overfits"), sample.finding("LR001", "Fine", "not_detected")]
    report = {**sample.healthy(), "findings": found}
    (folder / "report.json").write_text(json.dumps(report))
    assert str(folder) in run("rule", "FT002", "--reports", str(tmp_path)).output
    assert str(folder) not in run("rule", "LR001", "--reports", str(tmp_path)).output
    found = json.loads(run("rule", "FT002", "--format", "json", "--reports", str(tmp_path)).output)
    deep = tmp_path / "task" / "deep"
    deep.mkdir()
    (deep / "report.json").write_text("[" * 100_000)
    assert str(folder) in run("rule", "FT002", "--reports", str(tmp_path)).output
    assert [item["reads"] for item in found["rules"]] == [["probes", "logs"]] and str(folder) in found["fired_last"]


@pytest.mark.parametrize("words", [("rule", "XX999"), ("rule", "LR999"), ("rules", "--family", "ZZ")])
def test_what_does_not_exist_is_said(words):
    result = run(*words)
    assert result.exit_code == 2
    assert "expected" in result.output and "do" in result.output


class Mine(ProbeRule):
    """Finds nothing.

    ## What it reads
    Nothing.
    """

    code, title, passed, neutral, severity, confidence = "ZZ001", "found", "not found", "open", "info", "low"
    sources, counterevidence = ("P-CV1",), "nothing"

    def check(self, evidence):
        return not_detected("")


class Incomplete(LogRule):
    code = "ZZ002"

    def check_log(self, evidence):
        return not_detected("")


class Other:
    code = "ZZ003"


class Taken(Mine):
    code = "LR001"


class Reused(Mine):
    code = "MO005"


@pytest.fixture
def plugins(monkeypatch):
    def offer(*names):
        points = [EntryPoint(name, f"{__name__}:{name}", selection.GROUP) for name in names]
        things = {name: globals().get(name) for name in names}

        def load(self):
            if things[self.name] is None:
                raise ImportError("no such thing")
            return things[self.name]

        monkeypatch.setattr(EntryPoint, "load", load)
        monkeypatch.setattr(selection, "entry_points", lambda group: points)

    return offer


def test_rules_of_other_packages_join(plugins):
    plugins("Mine")
    assert selection.probe_rules()[-1].code == "ZZ001"
    assert [rule.code for rule in selection.probe_rules(["ZZ"])] == ["ZZ001"]
    assert "ZZ001" in run("rules").output and "P-CV1" in run("rule", "ZZ001").output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Incomplete", "without"),
        ("Other", "neither"),
        ("Taken", "taken"),
        ("Reused", "retired"),
        ("Missing", "ImportError"),
    ],
)
def test_broken_plugins_are_named(plugins, name, said):
    plugins(name)
    with pytest.raises(UsageError) as caught:
        selection.probe_rules()
    assert repr(name) in caught.value.expected and said in caught.value.found
    assert run("rules").exit_code == 2


@pytest.mark.parametrize("item", RETIRED, ids=lambda item: item.code)
def test_a_retired_code_is_explained(item):
    shown = run("rule", item.code).output
    assert "Retired" in shown and item.moved_to in shown
    found = json.loads(run("rule", item.code, "--format", "json").output)["rules"][0]
    assert found["retired"] and found["reason"] == item.reason


def test_a_retired_code_can_be_ignored_but_not_selected():
    assert len(selection.probe_rules(ignore=["MO005"])) == len(selection.probe_rules())
    with pytest.raises(UsageError) as caught:
        selection.probe_rules(["MO005"])
    assert "retired" in caught.value.found
