"""Every rule is complete: code, manual, sources, titles, cases."""

import inspect
import re
from pathlib import Path

import pytest
import yaml

from advisor.evidence.round_name import RoundName
from advisor.rules.base import LiveRule, LogRule, ProbeRule, Rule
from advisor.rules.catalogue import FAMILIES
from advisor.rules.references import SOURCES
from advisor.rules.registry import RULES
from advisor.rules.retired import RETIRED

EXPECTED = yaml.safe_load((Path(__file__).parent / "expectations.yaml").read_text(encoding="utf-8"))
HEADINGS = ["What it reads", "Why it matters", "Sources", "Known limits"]
FOLDERS = {
    "PF": "preflight", "LR": "learning_rate", "BS": "batch_size", "MO": "momentum", "WD": "weight_decay", "FT": "fit",
    "EP": "epochs", "ST": "stability", "EX": "experiment", "CA": "capacity", "TL": "training_loop",
}  # fmt: skip
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def test_codes_are_given_once_and_without_gaps():
    codes = [item.code for item in (*RULES, *RETIRED)]
    assert len(set(codes)) == len(codes)
    for family in {item.family for item in RULES}:
        numbers = sorted(int(code.removeprefix(family)) for code in codes if code.rstrip("0123456789") == family)
        assert numbers == list(range(1, len(numbers) + 1)), family
    assert all(re.fullmatch(r"[A-Z]{2}\d{3}", code) and code[:2] in FAMILIES for code in codes)


def test_every_rule_class_is_registered():
    def below(cls: type[Rule]) -> set[type[Rule]]:
        return {cls, *(item for child in cls.__subclasses__() for item in below(child))}

    own = {
        cls for cls in below(Rule) - {Rule, ProbeRule, LogRule, LiveRule} if cls.__module__.startswith("advisor.rules.")
    }
    assert own == {type(rule) for rule in RULES}


@each_rule
def test_manual_has_the_four_headings(rule):
    assert re.findall(r"^ *## (.+)$", rule.manual, re.MULTILINE) == HEADINGS
    assert all(len(part.strip()) > 20 for part in re.split(r"## .+\n", rule.manual))


@each_rule
def test_file_stands_in_its_family_and_opens_with_the_code(rule):
    file = Path(inspect.getfile(type(rule)))
    assert file.parent.name == FOLDERS[rule.family]
    assert file.stem.replace("_", "") == type(rule).__name__.lower()
    assert file.read_text(encoding="utf-8").startswith(f'"""{rule.code}."""')


@each_rule
def test_sources_exist_and_stand_in_the_manual(rule):
    assert rule.sources
    assert not set(rule.sources) - set(SOURCES)
    part = rule.manual.split("## Sources")[1].split("##")[0] + rule.manual.split("## Known limits")[1]
    assert all(source in part for source in rule.sources)


@each_rule
def test_a_rule_of_both_kinds_says_what_it_reads_in_each(rule):
    reads = rule.manual.split("## What it reads")[1].split("##")[0]
    if isinstance(rule, ProbeRule) and isinstance(rule, LogRule):
        assert ("In probes" in reads and "In logs" in reads) or "logged run" in reads


@each_rule
def test_words_and_requirements(rule):
    assert rule.severity in ("fault", "advice", "info")
    assert rule.confidence in ("high", "medium", "low")
    if isinstance(rule, ProbeRule):
        assert all(isinstance(name, RoundName) for name in rule.requires)
    if isinstance(rule, LogRule):
        assert set(rule.requires_curves) <= {"train", "val", "metric", "lr"}
    for text in (rule.title, rule.passed, rule.neutral, rule.counterevidence):
        assert text and not text.endswith(".")
    assert len({rule.title, rule.passed, rule.neutral}) == 3


@each_rule
def test_has_cases(rule):
    if isinstance(rule, ProbeRule):
        kinds = EXPECTED[rule.code]
        assert kinds.get("informational") or (kinds.get("fires") and kinds.get("silent"))


def test_no_expectations_or_sources_without_a_rule():
    assert set(EXPECTED) - {"stops"} == {rule.code for rule in RULES if isinstance(rule, ProbeRule)}
    assert {source for rule in RULES for source in rule.sources} <= set(SOURCES)
    assert all(source.url.startswith("http") and source.text for source in SOURCES.values())
