"""The runs in which current and recommended settings are compared."""

from dataclasses import replace

from advisor.evidence.comparison import comparison, confirmed
from advisor.evidence.learned import baseline


def _at_chance(evidence, arm):
    """The same arm, as if it had learned no more than a constant prediction, in loss and accuracy."""
    looks, steps = len(arm.trace.val_loss), len(arm.trace.step)
    constant = baseline(evidence, arm)
    trace = replace(arm.trace, val_loss=(constant,) * looks, val_metric=(0.0,) * looks, train_loss=(constant,) * steps)
    return replace(arm, trace=trace)


def test_runs_on_all_data_take_precedence(recording):
    evidence = recording("copies_mlp")
    current, _ = confirmed(evidence)
    assert not current.spec.is_copy
    assert current.length == max(arm.length for arm in evidence.present_arms)


def test_runs_too_short_to_learn_do_not_decide_where_copies_learned(recording):
    evidence = recording("copies_mlp")
    arms = tuple(arm if arm.spec.is_copy else _at_chance(evidence, arm) for arm in evidence.arms)
    blind = evidence.with_(arms=arms)
    assert comparison(blind) is None
    current, best = confirmed(blind)
    assert current.spec.is_copy and best.spec.is_copy
    assert blind.cost(current) > blind.cost(best)


def test_where_nothing_learned_the_longest_pair_is_shown(recording):
    evidence = recording("copies_mlp")
    blind = evidence.with_(arms=tuple(_at_chance(evidence, arm) for arm in evidence.arms))
    current, _ = confirmed(blind)
    assert not current.spec.is_copy
