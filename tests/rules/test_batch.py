"""Findings on batch sizes: three numbers, one recommendation, and which comparison was measured."""

from dataclasses import replace

import pytest

from advisor.evidence.batch_size import noise_scale
from advisor.records.profile import LongestExamples, MemoryLimit
from advisor.rules.engine import judge
from advisor.rules.registry import RULES

BY_CODE = {rule.code: rule for rule in RULES}
FIT = MemoryLimit(64, None, "cost", None, 9)


def said(code, evidence):
    return judge(evidence, [BY_CODE[code]])[0].judgement


def with_batch(evidence, **changes):
    profile = evidence.profile
    return evidence.with_(profile=replace(profile, batch=replace(profile.batch, **changes)))


@pytest.mark.parametrize("name", ["clipped_hard", "healthy_mlp", "healthy_cnn"])
def test_three_numbers_stand_before_one_recommendation(name, recording):
    judgement = said("BS008", recording(name))
    assert judgement.text.startswith("memory: ")
    head = judgement.text.split(". At equal examples")[0]
    assert "; speed: " in head and "; noise scale: " in head
    assert list(judgement.settings) == ["batch_size"]


def test_each_comparison_is_labelled(recording):
    evidence = recording("clipped_hard")
    text = said("BS008", evidence).text
    assert "At equal examples (1/16 of the run)" in text
    assert "at equal steps 32 trains on 2 times the examples and gives" in text
    longer = said("BS008", recording("healthy_mlp")).text  # It went on with the smaller batch only.
    assert "At equal time: not measured; at equal steps: not measured" in longer


def test_memory_is_said_as_far_as_it_was_tried(recording):
    evidence = recording("healthy_mlp")
    dear = said("BS001", with_batch(evidence, fit=FIT))
    assert "a batch of 64 fits in memory (larger ones were too expensive to try)" in dear.text
    assert (dear.values["largest"], dear.values["too_large"]) == (64, None)
    fit = MemoryLimit(64, 80, "memory", LongestExamples(40, 500, 1, 9))
    full = said("BS001", with_batch(evidence, fit=fit))
    words = "a batch of 64 of the longest examples (40 of 500 were measured) fits in memory, 80 does not"
    assert words in full.text


def test_an_estimate_from_moving_weights_is_less_sure(recording):
    evidence = recording("huge_batch")
    value, low, high = noise_scale(evidence)
    measured = next(arm for arm in evidence.arms if arm.spec.noise_examples)
    assert (value, low, high) == measured.trace.noise_scale
    forgotten = [replace(arm, spec=replace(arm.spec, noise_examples=0)) for arm in evidence.arms]
    without = noise_scale(evidence.with_(arms=tuple(forgotten)))
    assert without[2] > 3 * without[0] > 3 * without[1]
