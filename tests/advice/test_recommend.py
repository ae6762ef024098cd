"""From findings to the recommended configuration."""

import pytest

from advisor.advice.recommend import choose
from advisor.rules.engine import judge
from advisor.rules.registry import RULES


@pytest.mark.parametrize("name", ["healthy_mlp", "rate_too_low", "overfitting", "well_tuned", "tokens", "unstable"])
def test_suppressed_findings_decide_as_before(name, recording):
    evidence = recording(name)
    apart = [finding for rule in RULES for finding in judge(evidence, [rule])]
    assert choose(evidence, judge(evidence, RULES)).config == choose(evidence, apart).config


def test_the_reporting_code_is_named_for_a_setting_that_another_decided(recording):
    evidence = recording("rate_too_low")
    assert choose(evidence, judge(evidence, RULES)).decided["schedule"] == "LR002"
