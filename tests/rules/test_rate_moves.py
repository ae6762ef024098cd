"""LR012 on evidence whose best rates follow a known law."""

from dataclasses import replace

import pytest

from advisor.evidence.queries import arms_of
from advisor.evidence.sizes import best_by_size
from advisor.fits import Estimate
from advisor.rules.finding import Verdict
from advisor.rules.learning_rate.rate_moves_with_size import RateMovesWithSize


def with_exponent(evidence, exponent, width=1.05):
    """The same probes with best rates that go as examples ** exponent at the batch size of the largest size."""
    responses = []
    for response in evidence.responses:
        if response.knob == "lr" and response.verdict == "resolved":
            arm = arms_of(evidence, response)[0]
            value = 0.1 * arm.spec.train_examples**exponent * arm.spec.batch_size**0.5
            response = replace(response, best=Estimate(value, value / width, value * width))
        responses.append(response)
    return evidence.with_(responses=tuple(responses))


@pytest.mark.parametrize("exponent", [-1.0, 0.8])
def test_a_strong_trend_is_detected_with_what_it_means_for_more(exponent, recording):
    found = RateMovesWithSize().check(with_exponent(recording("copies_mlp"), exponent))
    assert found.verdict is Verdict.DETECTED
    assert found.values["low"] < found.values["exponent"] < found.values["high"]
    assert abs(found.values["exponent"] - exponent) < 0.25
    assert "10 times the examples" in found.advice and "weight decay" in found.advice
    assert (found.values["rate_at_ten_times"][0] < found.values["sizes"][-1][2]) == (exponent < 0)


def test_rates_that_follow_the_batch_alone_do_not_move(recording):
    found = RateMovesWithSize().check(with_exponent(recording("copies_mlp"), 0.0))
    assert found.verdict is Verdict.NOT_DETECTED
    assert abs(found.values["exponent"]) < 0.02


def test_one_size_tells_nothing(recording):
    evidence = recording("copies_mlp")
    one = evidence.with_(responses=tuple(item for item in evidence.responses if item.length < 0.1))
    assert len(best_by_size(one)) < 2
    assert RateMovesWithSize().check(one).verdict is Verdict.INCONCLUSIVE
