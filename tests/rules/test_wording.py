"""Words are for readers: other words for the same measurements change no verdict, setting or request."""

from dataclasses import replace

import pytest

from advisor.fits.types import FitFailed
from advisor.records.trace import StopReason
from advisor.rules.engine import judge
from advisor.rules.registry import RULES


def decided(evidence):
    return [
        (
            finding.code,
            finding.judgement.verdict,
            finding.judgement.settings,
            finding.judgement.requests_round,
            finding.judgement.blocking,
        )
        for finding in judge(evidence, RULES)
    ]


def reworded(evidence):
    responses = tuple(
        replace(item, context="x", best=FitFailed("x") if isinstance(item.best, FitFailed) else item.best)
        for item in evidence.responses
    )
    rounds = tuple(replace(item, goal="x", scientific="x", nuisance="x", outcome="x") for item in evidence.rounds)
    return evidence.with_(responses=responses, rounds=rounds)


@pytest.mark.parametrize(
    "name", ["healthy_mlp", "unstable", "edge", "breaks_late", "shuffled_labels", "wine", "tokens"]
)
def test_other_words_change_no_decision(name, recording):
    assert decided(reworded(recording(name))) == decided(recording(name))


def test_reasons_to_stop_are_read_as_recorded(recording):
    reasons = {arm.trace.stop_reason for arm in recording("unstable").arms if arm.trace.diverged}
    assert reasons and reasons <= set(StopReason)
    assert all(arm.trace.stop_reason is None for arm in recording("healthy_mlp").arms if not arm.trace.diverged)
