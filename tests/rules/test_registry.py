"""Every rule is complete: code, manual, sources, cases."""

import inspect
import re
from pathlib import Path

import pytest
import yaml

from advisor.rules.probe_rules import RULES, Rule
from advisor.rules.references import SOURCES
from advisor.rules.run_rules import RUN_RULES
from advisor.search.rounds import ROUNDS

EXPECTED = yaml.safe_load((Path(__file__).parent / "expectations.yaml").read_text(encoding="utf-8"))
HEADINGS = ["What it reads", "Why it matters", "Sources", "Known limits"]
FAMILIES = {"PF": 13, "LR": 10, "BS": 8, "MO": 5, "WD": 7, "FT": 11, "EP": 5, "ST": 2, "EX": 6, "CA": 2}
CATALOGUE = {f"{family}{number:03d}" for family, count in FAMILIES.items() for number in range(1, count + 1)}
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def test_every_code_of_the_catalogue_has_one_rule():
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert set(codes) == CATALOGUE


def test_every_rule_class_is_registered():
    def below(cls: type[Rule]) -> set[type[Rule]]:
        return {cls, *(item for child in cls.__subclasses__() for item in below(child))}

    own = {cls for cls in below(Rule) - {Rule} if cls.__module__.startswith("advisor.rules.")}
    assert own == {type(rule) for rule in RULES}


@each_rule
def test_manual_has_the_four_headings(rule):
    assert re.findall(r"^ *## (.+)$", rule.manual, re.MULTILINE) == HEADINGS
    assert all(len(part.strip()) > 20 for part in re.split(r"## .+\n", rule.manual))


@each_rule
def test_file_is_named_after_the_fault_and_opens_with_the_code(rule):
    file = Path(inspect.getfile(type(rule)))
    assert file.stem.replace("_", "") == type(rule).__name__.lower()
    assert file.read_text(encoding="utf-8").startswith(f'"""{rule.code}."""')


@each_rule
def test_sources_exist_and_stand_in_the_manual(rule):
    assert rule.sources
    assert not set(rule.sources) - set(SOURCES)
    part = rule.manual.split("## Sources")[1].split("##")[0] + rule.manual.split("## Known limits")[1]
    assert all(source in part for source in rule.sources)


@each_rule
def test_words_and_requirements(rule):
    assert rule.severity in ("fault", "advice", "info")
    assert rule.confidence in ("high", "medium", "low")
    assert set(rule.requires) <= {"preflight", *(probing.name for probing in ROUNDS)}
    for text in (rule.title, rule.passed, rule.doubt):
        assert text and not text.endswith(".")


@each_rule
def test_has_cases(rule):
    kinds = EXPECTED[rule.code]
    assert kinds.get("informational") or (kinds.get("fires") and kinds.get("silent"))


def test_no_expectations_or_sources_without_a_rule():
    assert set(EXPECTED) - {"stops"} == {rule.code for rule in RULES}
    assert set(SOURCES) == {source for rule in (*RULES, *RUN_RULES) for source in rule.sources}
    assert all(source.url.startswith("http") and source.text for source in SOURCES.values())
