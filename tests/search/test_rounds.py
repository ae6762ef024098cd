"""What rounds would run next, from recorded evidence."""

from dataclasses import replace

import pytest

from advisor.search.plan import plan
from advisor.search.rounds.length import at_rate
from advisor.search.rounds.seed_noise import NoiseRound
from advisor.search.runner import EVALUATION_WEIGHT, Lab

SEARCHED = "healthy_mlp"


def lab_of(evidence, budget=1.0, epochs=None):
    """A laboratory that can plan and price, and has nothing to run probes with."""
    facts = evidence.facts
    return Lab(None, None, None, facts.train_size, facts.val_size, epochs or evidence.current.epochs, "f", 0, budget)


def after(evidence, *rounds):
    """The evidence as it stood when only these rounds had been run."""
    return evidence.with_(arms=tuple(arm for arm in evidence.arms if arm.round in rounds))


def test_gradients_of_no_more_than_all_examples_are_paid_for(recording):
    evidence = after(recording(SEARCHED), "range", "ladder")
    lab = lab_of(evidence, budget=10.0, epochs=500)
    (spec,) = NoiseRound().specs(evidence, lab)
    assert spec.noise_examples == lab.train_size
    assert lab.price(spec) - lab.price(replace(spec, noise_examples=0)) == pytest.approx(1 / 500)


@pytest.mark.parametrize(("budget", "sweeps", "short"), [(0.3, 1, 1 / 32), (1.0, 2, 1 / 16)])
def test_the_plan_prices_rounds_as_they_will_be_run(recording, budget, sweeps, short):
    whole = recording(SEARCHED)
    begun = whole.with_(arms=(), rounds=(), responses=(), ranges={})
    lab = lab_of(begun, budget)
    lines = {line.name: line for line in plan(begun, lab)}
    look = EVALUATION_WEIGHT * lab.eval_examples / lab.full_run_examples
    assert lines["range"].probes == sweeps
    assert lines["range"].full_runs == pytest.approx(sweeps * whole.rounds[0].full_runs / 2, rel=0.5)
    assert lines["ladder"].full_runs == pytest.approx(3 * (short + look), rel=0.05)
    assert lines["zoom"].full_runs == pytest.approx(2 * (1 / 8 + look))
    assert lines["length"].full_runs == pytest.approx(1 / 4 + look)
    lab.spent.train_examples = -10 * lab.full_run_examples  # Enough is left for it, whatever the budget.
    (repeat,) = NoiseRound().specs(after(whole, "range", "ladder"), lab)
    again = lab.cycle(whole.choice, lab.short)
    gradients = lab.price(repeat) - lab.price(replace(repeat, noise_examples=0))
    assert gradients > 0
    assert lines["noise"].full_runs == pytest.approx(lab.price(again) + gradients, rel=0.05)


@pytest.mark.parametrize("kind", ["1cycle", "cosine", "triangular", "constant"])
def test_a_second_try_at_half_the_rate_is_the_recipe_at_that_rate(recording, kind):
    evidence = recording(SEARCHED)
    evidence = evidence.with_(choice=evidence.choice.with_(schedule=kind, lr=0.4))
    lab = lab_of(evidence)
    first = lab.cycle(evidence.choice, 0.25)
    retry = at_rate(evidence, first, first.lr / 2)
    assert retry == lab.cycle(evidence.choice.with_(lr=0.2), 0.25)
    assert retry.key != first.key
