"""The run that is advised: its rate beside rates that broke, its decay beside the batch."""

import math
from dataclasses import replace

import pytest

from advisor.config.total_decay import total_decay
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import BATCH_EXPONENT
from advisor.fits.types import Point
from advisor.search.incumbent import advised, safest, settled, with_decay
from advisor.search.runner import ProbeRunner

SEARCHED = "healthy_mlp"


@pytest.fixture
def runner(recording):
    """A runner that can count steps, and has nothing to run probes with."""
    facts = recording(SEARCHED).facts
    return ProbeRunner(None, None, None, facts.train_size, facts.val_size, 10, "f", 0, 1.0)


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_a_smaller_batch_keeps_rate_times_decay_for_each_example(recording, runner, batch):
    evidence = recording(SEARCHED).with_(total_decay=2.5)
    size = evidence.current.batch_size
    choice = evidence.choice.with_(batch_size=size // batch, lr=0.1 * (1 / batch) ** BATCH_EXPONENT)
    steps = runner.steps(1.0, size // batch)
    whole = with_decay(evidence.choice.with_(batch_size=size, lr=0.1), evidence, runner, 1.0)
    smaller = with_decay(choice, evidence, runner, 1.0)
    assert total_decay(smaller, steps) == pytest.approx(2.5 * batch ** (1 - BATCH_EXPONENT), rel=0.01)
    assert smaller.weight_decay == pytest.approx(whole.weight_decay, rel=0.02)


def responses(recording, *points):
    """The recorded response to the rate with these rates and losses in place of its own."""
    return replace(
        recording(SEARCHED).response("lr"), points=tuple(Point(rate, (loss,), ("k",)) for rate, loss in points)
    )


def test_of_two_rates_alike_beside_one_that_broke_the_middle_is_taken(recording):
    assert safest(responses(recording, (0.03, 0.779), (0.07, 0.777), (0.14, math.inf)), 0.07) == pytest.approx(
        0.0458, 0.01
    )


def test_a_rate_that_is_clearly_better_is_taken_beside_one_that_broke(recording):
    assert safest(responses(recording, (0.03, 0.80), (0.07, 0.777), (0.14, math.inf)), 0.07) == pytest.approx(0.07)


def test_where_nothing_broke_the_best_is_taken(recording):
    assert safest(responses(recording, (0.03, 0.779), (0.07, 0.777), (0.14, 0.9)), 0.065) == 0.065
    assert safest(responses(recording, (0.01, math.inf), (0.03, 0.779), (0.07, 0.777)), 0.065) == 0.065


def test_a_shorter_run_gets_more_than_rate_times_steps(recording, runner):
    evidence = recording("overfitting").with_(limit="fit", total_decay=2.5, length=1.0)
    whole = advised(evidence, runner, 0.01)
    half = advised(evidence.with_(length=0.5), runner, 0.01)
    assert half.lr / whole.lr == pytest.approx(2 * 1.3, rel=0.01)
    assert half.batch_size == whole.batch_size == evidence.current.batch_size


def test_where_small_copies_alone_set_the_rate_the_total_stays(recording, runner):
    evidence = recording(SEARCHED).with_(total_decay=2.5)
    size = evidence.current.batch_size // 2
    choice = evidence.choice.with_(batch_size=size, lr=0.1)
    coarse = evidence.with_(arms=tuple(arm for arm in evidence.arms if arm.round != RoundName.ZOOM))
    assert total_decay(with_decay(choice, coarse, runner, 1.0), runner.steps(1.0, size)) == pytest.approx(2.5, rel=0.01)
    short = with_decay(choice, evidence, runner, 0.1)
    assert total_decay(short, runner.steps(0.1, size)) == pytest.approx(2.5, rel=0.01)


@pytest.mark.parametrize(("share", "total"), [(0.5, 2.5), (0.01, 0.0)])
def test_a_solved_task_keeps_the_decay_in_use(recording, runner, share, total):
    evidence = recording("copies_mlp")
    assert evidence.current_settings.weight_decay == 0.0
    last = max(evidence.cycles, key=lambda arm: arm.length)
    trace = replace(last.trace, val_loss=tuple(share * evidence.preflight.baseline_loss for _ in last.trace.val_loss))
    others = tuple(
        replace(arm, trace=replace(arm.trace, val_loss=tuple(1.0 + loss for loss in arm.trace.val_loss)))
        for arm in evidence.arms
        if arm is not last
    )
    evidence = evidence.with_(arms=(*others, replace(last, trace=trace)), total_decay=None)
    assert settled(evidence, runner).total_decay == total
