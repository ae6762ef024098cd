"""One fact, one finding."""

from itertools import combinations

import pytest

from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.engine import judge, requested_rounds
from advisor.rules.registry import RULES
from advisor.rules.stories import LOG_STORIES, PROBE_STORIES, told_once

SEVERITIES = ("info", "advice", "fault")
STORIES = [pytest.param(PROBE_STORIES, ProbeRule, id="probes"), pytest.param(LOG_STORIES, LogRule, id="logs")]
BY_CODE = {rule.code: rule for rule in RULES}


def alone(evidence):
    """Findings as each rule gives them for itself."""
    return [finding for rule in RULES for finding in judge(evidence, [rule])]


def detected(findings):
    return {finding.code for finding in findings if finding.judgement.verdict == "detected"}


@pytest.mark.parametrize(("stories", "kind"), STORIES)
def test_stories_name_rules_in_one_order(stories, kind):
    before = {pair for story in stories for pair in combinations(story, 2)}
    assert not {(b, a) for a, b in before} & before, "two stories order the same codes differently"
    assert all(isinstance(BY_CODE[code], kind) for story in stories for code in story)


@pytest.mark.parametrize(("stories", "kind"), STORIES)
def test_a_fault_is_never_silenced_by_less(stories, kind):
    for story in stories:
        for first, second in combinations(story, 2):
            if BY_CODE[second].severity == "fault":
                assert BY_CODE[first].severity == "fault", (first, second)


@pytest.mark.parametrize("name", ["healthy_mlp", "rate_too_low", "overfitting", "well_tuned", "tokens", "unstable"])
def test_silence_changes_no_decision(name, recording):
    evidence = recording(name)
    apart, together = alone(evidence), judge(evidence, RULES)
    assert requested_rounds(together) == requested_rounds(apart)
    for before, after in zip(apart, together, strict=True):
        assert after.judgement.settings == before.judgement.settings
        if after.told_by is not None:
            assert after.told_by in detected(together) and after.told_by in after.judgement.text
            assert after.title == BY_CODE[after.code].neutral


def test_the_learning_rate_is_one_story(recording):
    evidence = recording("rate_too_low")
    assert {"LR002", "LR010", "LR009", "LR005"} <= detected(alone(evidence))
    assert detected(judge(evidence, RULES)) & {"LR001", "LR002", "LR010", "LR009", "LR005"} == {"LR002"}
    without = judge(evidence, [rule for rule in RULES if rule.code != "LR002"])
    assert "LR010" in detected(without)


def test_where_the_current_settings_are_kept_no_change_is_asked_for(recording):
    findings = judge(recording("well_tuned"), RULES)
    assert any(finding.judgement.keep_current for finding in findings)
    assert not any(item.code in ("LR010", "LR009", "WD003", "BS008", "MO002") for item in findings
                   if item.judgement.verdict == "detected")  # fmt: skip


@pytest.mark.parametrize(("name", "most"), [("healthy_mlp", 8), ("healthy_cnn", 5), ("well_tuned", 5), ("wine", 8)])
def test_a_healthy_training_has_few_findings_and_no_fault(name, most, recording):
    found = [item for item in judge(recording(name), RULES) if item.judgement.verdict == "detected"]
    assert not [item.code for item in found if item.severity == "fault"]
    assert len(found) <= most, [item.code for item in found]


@pytest.mark.parametrize("name", ["detached_loss", "double_softmax", "not_finite", "unregistered"])
def test_nothing_is_said_of_settings_where_a_fault_blocks_training(name, recording):
    findings = judge(recording(name), RULES)
    assert any(finding.judgement.blocking for finding in findings)
    told = [item for item in findings if item.judgement.verdict == "detected"]
    assert all(item.severity == "fault" or item.family in ("PF", "TL") for item in told)


def test_a_chain_ends_at_the_one_that_speaks(recording):
    findings = alone(recording("rate_too_low"))
    told = told_once(findings, [("LR002", "LR010"), ("LR010", "LR005")])
    assert {item.code: item.told_by for item in told if item.told_by} == {"LR010": "LR002", "LR005": "LR002"}
