"""What rounds would run next, from recorded evidence."""

import math
from dataclasses import replace

import pytest

from advisor.config.total_decay import PRIOR, total_decay
from advisor.search.clock import Clock
from advisor.search.copies import coarse_shape, copy_of, current_copy, current_run, fine_shape
from advisor.search.plan import plan
from advisor.search.rounds.seed_noise import NoiseRound
from advisor.search.runner import ProbeRunner

SEARCHED = "healthy_mlp"


def lab_of(evidence, budget=1.0, size=None):
    """A laboratory that can plan and price, and has nothing to run probes with."""
    facts = evidence.facts
    epochs = evidence.current.epochs
    return ProbeRunner(None, None, None, size or facts.train_size, facts.val_size, epochs, "f", 0, budget)


def of_size(evidence, size):
    """The same task with so many training examples."""
    return evidence.with_(facts=replace(evidence.facts, train_size=size))


@pytest.mark.parametrize("size", [60, 300, 1400, 3000, 8000, 100_000])
@pytest.mark.parametrize("budget", [0.1, 0.25, 1.0, 3.0])
def test_copies_have_enough_examples_and_fit_the_budget(recording, size, budget):
    evidence = of_size(recording(SEARCHED), size)
    runner = lab_of(evidence, budget, size)
    for shape in (coarse_shape(evidence, runner), fine_shape(evidence, runner)):
        assert round(size * shape.share) >= min(400, size)
        assert 0 < shape.fraction <= 1
        assert shape.batch_size <= evidence.current.batch_size
        assert shape.steps >= 20
    coarse = copy_of(evidence, runner, coarse_shape(evidence, runner), 0.1)
    assert coarse.train_examples <= max(0.2 * budget * runner.full_run_examples, 20 * coarse.batch_size)


def test_total_decay_is_the_same_in_every_copy(recording):
    evidence = of_size(recording(SEARCHED), 20_000)
    runner = lab_of(evidence, 1.0, 20_000)
    for shape in (coarse_shape(evidence, runner), fine_shape(evidence, runner)):
        spec = copy_of(evidence, runner, shape, 0.1)
        hparams = evidence.choice.with_(lr=spec.lr, weight_decay=spec.weight_decay)
        assert total_decay(hparams, spec.steps) == pytest.approx(PRIOR, rel=0.01)


def test_a_short_time_buys_less_than_the_examples_would(recording):
    evidence = of_size(recording(SEARCHED), 20_000)
    runner = lab_of(evidence, 1.0, 20_000)
    copy = copy_of(evidence, runner, fine_shape(evidence, runner), 0.1)
    price, size = runner.price(copy), evidence.current.batch_size
    full_run = runner.steps(1.0, size) * 0.01
    runner.clock = Clock(0.5 * full_run, full_run, ((1, 0.01), (size, 0.01)), now=lambda: 0.0)
    assert runner.left == pytest.approx(0.5)
    assert runner.price(copy) > 1.5 * price, "a step of a small batch takes as long as one of a large one"
    assert not runner.late()
    runner.clock = replace(runner.clock, deadline=-1.0)
    assert runner.late() and not runner.affordable([copy])


def test_the_current_settings_run_as_they_are_at_full_length(recording):
    evidence = recording(SEARCHED)
    runner = lab_of(evidence)
    whole = current_run(evidence, runner, 1.0)
    assert whole.optimizer == evidence.current.optimizer
    assert whole.batch_size == evidence.current.batch_size
    assert not whole.is_copy
    copy = current_copy(evidence, runner, coarse_shape(evidence, runner))
    assert copy.momentum == whole.momentum
    assert copy.lr <= whole.lr


def test_arms_of_a_round_share_data_seed_and_batches(recording):
    evidence = of_size(recording(SEARCHED), 20_000)
    runner = lab_of(evidence, 1.0, 20_000)
    shape = coarse_shape(evidence, runner)
    one, other = copy_of(evidence, runner, shape, 0.1), copy_of(evidence, runner, shape, 0.3)
    current = current_copy(evidence, runner, shape)
    for spec in (other, current):
        assert (spec.seed, spec.data_share, spec.data_seed, spec.batch_size, spec.steps) == (
            one.seed, one.data_share, one.data_seed, one.batch_size, one.steps
        )  # fmt: skip
    assert one.key != other.key


def test_a_repeat_is_bought_with_larger_budgets_only(recording):
    evidence = recording(SEARCHED)
    begun = evidence.with_(arms=tuple(arm for arm in evidence.arms if arm.round != "noise"))
    assert not NoiseRound().specs(begun, lab_of(begun, budget=1.0))
    (spec,) = NoiseRound().specs(begun, lab_of(begun, budget=3.0))
    assert spec.seed == 1
    assert spec.noise_examples <= evidence.facts.train_size


@pytest.mark.parametrize("budget", [0.25, 1.0, 3.0])
def test_the_plan_prices_rounds_as_they_will_be_run(recording, budget):
    whole = recording(SEARCHED)
    begun = whole.with_(arms=(), rounds=(), responses=(), ranges={}, limit=None)
    runner = lab_of(begun, budget)
    lines = {line.name: line for line in plan(begun, runner)}
    assert lines["range"].probes == (1 if budget < 0.5 else 2)
    fitting = sum(line.full_runs for line in lines.values() if line.fits)
    assert fitting <= budget + 1e-9
    assert all(math.isfinite(line.full_runs) and line.full_runs >= 0 for line in lines.values())
