"""What rounds would run next, from recorded evidence."""

from dataclasses import replace

import pytest

from advisor.lab import Lab
from advisor.rounds.length import at_rate
from advisor.rounds.noise import NoiseRound

SEARCHED = "healthy_mlp"


def lab_of(evidence, budget=1.0, epochs=None):
    """A laboratory that can plan and price, and has nothing to run probes with."""
    facts = evidence.facts
    return Lab(
        None, None, None, facts["train_size"], facts["val_size"], epochs or evidence.current.epochs, "f", 0, budget
    )


def after(evidence, *rounds):
    """The evidence as it stood when only these rounds had been run."""
    return evidence.with_(arms=tuple(arm for arm in evidence.arms if arm.round in rounds))


def test_gradients_of_no_more_than_all_examples_are_paid_for(recording):
    evidence = after(recording(SEARCHED), "range", "ladder")
    lab = lab_of(evidence, budget=10.0, epochs=500)
    (spec,) = NoiseRound().specs(evidence, lab)
    assert spec.noise_examples == lab.train_size
    assert lab.price(spec) - lab.price(replace(spec, noise_examples=0)) == pytest.approx(1 / 500)


@pytest.mark.parametrize("kind", ["1cycle", "cosine", "triangular", "constant"])
def test_a_second_try_at_half_the_rate_is_the_recipe_at_that_rate(recording, kind):
    evidence = recording(SEARCHED)
    evidence = evidence.with_(choice=evidence.choice.with_(schedule=kind, lr=0.4))
    lab = lab_of(evidence)
    first = lab.cycle(evidence.choice, 0.25)
    retry = at_rate(evidence, first, first.lr / 2)
    assert retry == lab.cycle(evidence.choice.with_(lr=0.2), 0.25)
    assert retry.key != first.key
