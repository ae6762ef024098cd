"""The rule book as text, the page made from it, and rules of other packages."""

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner

from advisor.cli.main import main
from advisor.errors import UsageError
from advisor.rules import registry
from advisor.rules.catalogue import markdown, rule_book
from advisor.rules.finding import not_detected
from advisor.rules.probe_rules import RULES, Rule
from advisor.rules.run_rules import RUN_RULES

ROOT = Path(__file__).parents[2]


def run(*words):
    return CliRunner().invoke(main, list(words))


def test_the_page_is_up_to_date():
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == markdown(rule_book(plugins=False)), "python -m advisor.rules.catalogue > docs/rules.md"


def test_every_rule_is_listed():
    result = run("rules")
    assert result.exit_code == 0
    assert all(rule.code in result.output and rule.title in result.output for rule in (*RULES, *RUN_RULES))


def test_one_family_as_json():
    found = json.loads(run("rules", "--family", "LR", "--format", "json").output)
    assert {item["family"] for item in found} == {"LR"}
    assert all(item["manual"] and item["sources"][0]["url"].startswith("http") for item in found)


@pytest.mark.parametrize("code", sorted({rule.code for rule in (*RULES, *RUN_RULES)}))
def test_every_manual_is_whole(code):
    result = run("rule", code.lower())
    assert result.exit_code == 0
    for words in ("## What it reads", "## Why it matters", "## Sources", "## Known limits", "confidence", "https://"):
        assert words in result.output
    assert "not in the list of sources" not in result.output


def test_where_it_fired_last(tmp_path):
    folder = tmp_path / "task" / "first"
    folder.mkdir(parents=True)
    report = {"findings": [{"code": "FT002", "verdict": "detected"}, {"code": "LR001", "verdict": "not_detected"}]}
    (folder / "report.json").write_text(json.dumps(report))
    assert str(folder) in run("rule", "FT002", "--reports", str(tmp_path)).output
    assert str(folder) not in run("rule", "LR001", "--reports", str(tmp_path)).output
    found = json.loads(run("rule", "FT002", "--format", "json", "--reports", str(tmp_path)).output)
    deep = tmp_path / "task" / "deep"
    deep.mkdir()
    (deep / "report.json").write_text("[" * 100_000)
    assert str(folder) in run("rule", "FT002", "--reports", str(tmp_path)).output
    assert {item["reads"] for item in found["rules"]} == {"probes", "runs"} and str(folder) in found["fired_last"]


@pytest.mark.parametrize("words", [("rule", "XX999"), ("rule", "LR999"), ("rules", "--family", "ZZ")])
def test_what_does_not_exist_is_said(words):
    result = run(*words)
    assert result.exit_code == 2
    assert "expected" in result.output and "do" in result.output


class Mine(Rule):
    """Finds nothing.

    ## What it reads
    Nothing.
    """

    code, title, passed, severity, confidence = "ZZ001", "found", "not found", "info", "low"
    requires, sources, doubt = (), ("P-CV1",), "nothing"

    def check(self, evidence):
        return not_detected("")


class Incomplete:
    code = "ZZ002"


class Taken(Mine):
    code = "LR001"


@pytest.fixture
def plugins(monkeypatch):
    def offer(*names):
        points = [EntryPoint(name, f"{__name__}:{name}", registry.GROUP) for name in names]
        things = {name: globals().get(name) for name in names}

        def load(self):
            if things[self.name] is None:
                raise ImportError("no such thing")
            return things[self.name]

        monkeypatch.setattr(EntryPoint, "load", load)
        monkeypatch.setattr(registry, "entry_points", lambda group: points)

    return offer


def test_rules_of_other_packages_join(plugins):
    plugins("Mine")
    assert registry.selected(RULES)[-1].code == "ZZ001"
    assert [rule.code for rule in registry.selected(RULES, ["ZZ"])] == ["ZZ001"]
    assert "ZZ001" in run("rules").output and "P-CV1" in run("rule", "ZZ001").output


@pytest.mark.parametrize(("name", "said"), [("Incomplete", "without"), ("Taken", "taken"), ("Missing", "ImportError")])
def test_broken_plugins_are_named(plugins, name, said):
    plugins(name)
    with pytest.raises(UsageError) as caught:
        registry.selected(RULES)
    assert repr(name) in caught.value.expected and said in caught.value.found
    assert run("rules").exit_code == 2


def test_a_code_of_both_books_means_the_same():
    probing = {rule.code: rule for rule in RULES}
    for rule in RUN_RULES:
        if rule.code in probing:
            assert rule.family == probing[rule.code].family
    assert len({rule.code for rule in RUN_RULES}) == len(RUN_RULES)
