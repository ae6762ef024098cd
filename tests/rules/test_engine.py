"""The engine: what is missing is asked for, what is there is judged, and always in the same way."""

import pytest

from advisor.evidence.queries import was_run
from advisor.rules.base import ProbeRule
from advisor.rules.engine import judge, requested_rounds, urgent_rounds
from advisor.rules.finding import detected, inconclusive, not_detected
from advisor.rules.registry import RULES


class _Asks(ProbeRule):
    """Answers as it was made to."""

    code, title, passed, neutral, severity, confidence = "XX001", "found", "passed", "open", "info", "low"
    sources, counterevidence, requires = (), "", ()

    def __init__(self, answer, requires=()):
        self.answer, self.requires = answer, requires

    def check(self, evidence):
        return self.answer


def test_a_missing_round_is_requested_and_the_rule_not_asked(recording):
    finding = judge(recording("early"), [_Asks(detected("found it"), ("range", "ladder"))])[0]
    assert finding.judgement.verdict == "not_identifiable"
    assert finding.judgement.requests_round == "ladder"
    assert finding.title == "open"


def test_a_rule_with_all_it_requires_is_asked(recording):
    finding = judge(recording("early"), [_Asks(detected("found it", confidence="high"), ("preflight", "range"))])[0]
    assert (finding.judgement.verdict, finding.title, finding.confidence) == ("detected", "found", "high")


def test_preflight_counts_as_run_once_measured(recording):
    evidence = recording("early")
    assert was_run(evidence, "preflight")
    assert not was_run(evidence.with_(preflight=None), "preflight")


def test_requested_rounds_are_in_order_and_without_repeats(recording):
    rules = [_Asks(inconclusive("?", requests_round=name)) for name in ("zoom", "ladder", "zoom", "noise")]
    assert requested_rounds(judge(recording("early"), rules)) == ["zoom", "ladder", "noise"]
    assert requested_rounds(judge(recording("early"), [_Asks(not_detected("no"))])) == []


def test_an_urgent_round_is_named(recording):
    rules = [
        _Asks(inconclusive("?", requests_round="zoom")),
        _Asks(inconclusive("?", requests_round="decay", urgent=True)),
    ]
    assert urgent_rounds(judge(recording("early"), rules)) == {"decay"}


def test_the_rules_ask_for_one_round_after_the_other(recording):
    assert requested_rounds(judge(recording("early").with_(rounds=(), arms=()), RULES))[0] == "range"
    assert requested_rounds(judge(recording("early"), RULES))[0] == "ladder"
    assert "range_wider" in requested_rounds(judge(recording("wide_open"), RULES))
    after = requested_rounds(judge(recording("ladder_only"), RULES))
    assert {"decay", "momentum", "zoom"} <= set(after)
    assert "ladder" not in after


@pytest.mark.parametrize("name", ["healthy_mlp", "rate_too_high", "rate_too_low"])
def test_nothing_is_requested_once_all_is_settled(name, recording):
    assert requested_rounds(judge(recording(name), RULES)) == []


@pytest.mark.parametrize("name", ["healthy_cnn", "unstable", "easy_metric"])
def test_judging_twice_says_the_same(name, recording):
    assert repr(judge(recording(name), RULES)) == repr(judge(recording(name), RULES))


def test_an_assumed_configuration_is_never_called_wrong(recording):
    findings = {finding.code: finding for finding in judge(recording("no_settings"), RULES)}
    assert findings["LR001"].judgement.verdict == findings["LR002"].judgement.verdict == "not_applicable"
    assert findings["LR010"].judgement.settings["lr"] > 0


def test_no_stop_before_the_current_settings_were_given_time(recording):
    evidence = recording("shuffled_labels")
    dead = next(rule for rule in RULES if rule.code == "FT005")
    assert judge(evidence, [dead])[0].judgement.blocking
    before = tuple(item for item in evidence.rounds if item.name != "confirm_long")
    arms = tuple(arm for arm in evidence.arms if arm.round != "confirm_long")
    judgement = judge(evidence.with_(rounds=before, arms=arms), [dead])[0].judgement
    assert (judgement.verdict, judgement.blocking) == ("not_identifiable", False)
    assert judgement.requests_round in ("confirm_long", "ladder_wider")
