"""The engine: what is missing is asked for, what is there is judged, and always in the same way."""

import pytest

from advisor.evidence.queries import was_run
from advisor.rules.engine import judge, pressing, wanted
from advisor.rules.finding import cannot_tell, detected, not_detected
from advisor.rules.probe_rules import RULES, Rule


class _Asks(Rule):
    """Wants what it is told to."""

    code, title, passed, severity, confidence = "XX001", "found", "passed", "info", "low"
    sources, doubt, requires = (), "", ()

    def __init__(self, answer, requires=()):
        self.answer, self.requires = answer, requires

    def check(self, evidence):
        return self.answer


def test_a_missing_round_is_wanted_and_the_rule_not_asked(recording):
    finding = judge(recording("early"), [_Asks(detected("found it"), ("range", "ladder"))])[0]
    assert finding.judgement.verdict == "not_identifiable"
    assert finding.judgement.wants == "ladder"
    assert finding.title == "passed"


def test_a_rule_with_all_it_requires_is_asked(recording):
    finding = judge(recording("early"), [_Asks(detected("found it", confidence="high"), ("preflight", "range"))])[0]
    assert (finding.judgement.verdict, finding.title, finding.confidence) == ("detected", "found", "high")


def test_preflight_counts_as_run_once_measured(recording):
    evidence = recording("early")
    assert was_run(evidence, "preflight")
    assert not was_run(evidence.with_(preflight=None), "preflight")


def test_wanted_is_in_order_and_without_repeats(recording):
    rules = [_Asks(cannot_tell("?", wants=name)) for name in ("zoom", "ladder", "zoom", "noise")]
    assert wanted(judge(recording("early"), rules)) == ["zoom", "ladder", "noise"]
    assert wanted(judge(recording("early"), [_Asks(not_detected("no"))])) == []


def test_a_pressing_round_is_named(recording):
    rules = [_Asks(cannot_tell("?", wants="zoom")), _Asks(cannot_tell("?", wants="decay", presses=True))]
    assert pressing(judge(recording("early"), rules)) == {"decay"}


def test_decay_that_pulls_hard_is_compared_before_the_rest(recording):
    evidence = recording("heavy_decay")
    short = tuple(item for item in evidence.rounds if item.name in ("range", "ladder", "noise"))
    arms = tuple(arm for arm in evidence.arms if arm.round in ("range", "ladder", "noise"))
    too_large = [rule for rule in RULES if rule.code == "WD001"]
    assert pressing(judge(evidence.with_(rounds=short, arms=arms), too_large)) == {"decay"}
    assert pressing(judge(recording("no_decay"), too_large)) == set()


def test_the_rules_ask_for_one_round_after_the_other(recording):
    assert wanted(judge(recording("early").with_(rounds=(), arms=()), RULES))[0] == "range"
    assert wanted(judge(recording("early"), RULES))[0] == "ladder"
    assert "range_wider" in wanted(judge(recording("wide_open"), RULES))
    after = wanted(judge(recording("ladder_only"), RULES))
    assert {"noise", "length", "batch", "decay", "momentum", "zoom"} <= set(after)
    assert "ladder" not in after


@pytest.mark.parametrize("name", ["healthy_mlp", "rate_too_high", "rate_too_low"])
def test_nothing_is_wanted_once_all_is_settled(name, recording):
    assert wanted(judge(recording(name), RULES)) == []


@pytest.mark.parametrize("name", ["healthy_cnn", "unstable", "easy_metric"])
def test_judging_twice_says_the_same(name, recording):
    assert repr(judge(recording(name), RULES)) == repr(judge(recording(name), RULES))


def test_an_assumed_configuration_is_never_called_wrong(recording):
    findings = {finding.code: finding for finding in judge(recording("no_settings"), RULES)}
    assert findings["LR001"].judgement.verdict == findings["LR002"].judgement.verdict == "not_applicable"
    assert findings["LR010"].judgement.sets["lr"] > 0


def test_no_stop_before_the_ladder_was_widened_and_something_longer_run(recording):
    evidence = recording("shuffled_labels")
    short = tuple(item for item in evidence.rounds if item.name in ("range", "ladder", "ladder_wider"))
    arms = tuple(arm for arm in evidence.arms if arm.round != "length")
    dead = next(rule for rule in RULES if rule.code == "FT005")
    judgement = judge(evidence.with_(rounds=short, arms=arms), [dead])[0].judgement
    assert (judgement.verdict, judgement.wants, judgement.stops) == ("not_identifiable", "length", False)
