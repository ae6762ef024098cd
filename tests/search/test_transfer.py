"""Laws by which rates and decay carry, and the comparison that decides what is advised."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.config.hparams import HParams
from advisor.config.total_decay import total_decay, with_total_decay
from advisor.evidence.comparison import Comparison
from advisor.evidence.transfer import Size, carry

sizes = st.builds(Size, st.integers(4, 512), st.integers(20, 5000))


@given(
    lr=st.floats(1e-4, 10.0),
    optimizer=st.sampled_from(["SGD", "AdamW"]),
    limit=st.sampled_from(["fit", "stability", None]),
    source=sizes,
    target=sizes,
)
def test_what_is_carried_down_is_carried_up_again(lr, optimizer, limit, source, target):
    there = carry(lr, optimizer, limit, source, target)
    assert carry(there, optimizer, limit, target, source) == pytest.approx(lr)


def test_fit_limited_rates_keep_rate_times_steps():
    assert carry(0.1, "AdamW", "fit", Size(32, 200), Size(64, 400)) == pytest.approx(0.05)


def test_stability_limited_rates_do_not_depend_on_the_length():
    assert carry(0.1, "SGD", "stability", Size(64, 200), Size(64, 4000)) == 0.1
    assert carry(0.1, "AdamW", "stability", Size(16, 200), Size(64, 4000)) == 0.1
    assert carry(0.1, "SGD", "stability", Size(16, 200), Size(64, 200)) == pytest.approx(0.1 * 4**0.4)


@given(total=st.floats(0.01, 20), steps=st.integers(20, 10000), lr=st.floats(1e-4, 1.0))
def test_total_decay_is_what_was_asked_for(total, steps, lr):
    for optimizer, momentum in (("SGD", 0.9), ("SGD", None), ("AdamW", 0.9)):
        hparams = with_total_decay(HParams(optimizer, lr, momentum, 0.0, 32), total, steps)
        assert total_decay(hparams, steps) == pytest.approx(total, rel=0.006)


def test_l2_inside_adam_has_no_total_decay():
    hparams = HParams("Adam", 0.01, 0.9, 0.3, 32)
    assert total_decay(hparams, 100) is None
    assert with_total_decay(hparams, 2.5, 100) is hparams


@pytest.mark.parametrize(
    ("current", "advised", "holds"),
    [
        ([0.5, 0.52], [0.4, 0.41], True),
        ([0.5, 0.52], [0.5, 0.51], False),
        ([0.5, 0.52], [0.4, math.inf], False),
        ([0.5, 0.52], [0.2, 0.6], False),
        ([2.0, 2.1], [0.2, 0.9], True),
        ([math.inf, math.inf], [0.4, 0.41], True),
        ([0.5], [0.4, 0.41], True),
        ([], [0.4, math.inf], False),
    ],
)
def test_what_is_advised_must_hold_under_every_seed(current, advised, holds):
    found = Comparison(dict(enumerate(current)), dict(enumerate(advised)), 1.0)
    assert found.holds(0.01) is holds
