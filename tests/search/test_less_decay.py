"""Less weight decay is tried where the current settings beat the ladder, and then holds for all copies."""

from dataclasses import replace

import pytest

from advisor.config.total_decay import PRIOR, total_decay
from advisor.evidence.limit import copy_groups
from advisor.evidence.round_name import RoundName
from advisor.evidence.weight_decay import LESS, asks_for_less
from advisor.search.copies import coarse_shape, copy_of
from advisor.search.rounds.less_decay import LessDecayRound
from advisor.search.runner import ProbeRunner

EARLY = {RoundName.LADDER, RoundName.CONFIRM}


def _runner(evidence):
    facts = evidence.facts
    return ProbeRunner(None, None, None, facts.train_size, facts.val_size, evidence.current.epochs, "f", 0, 1.0)


def _ended(arm, factor):
    """The same arm, with all its losses times a factor."""
    return replace(arm, trace=replace(arm.trace, val_loss=tuple(loss * factor for loss in arm.trace.val_loss)))


@pytest.fixture
def beaten(recording):
    """A ladder on copies that loses to the current settings, which have no decay."""
    evidence = recording("copies_mlp")
    arms = [arm for arm in evidence.arms if arm.round in EARLY]
    rungs = [evidence.cost(arm) for arm in arms if arm.round == RoundName.LADDER]
    own = next(evidence.cost(arm) for arm in arms if arm.round == RoundName.CONFIRM)
    factor = 0.9 * min(rungs) / own
    arms = tuple(_ended(arm, factor) if arm.round == RoundName.CONFIRM else arm for arm in arms)
    rounds = tuple(record for record in evidence.rounds if record.name in EARLY)
    return evidence.with_(arms=arms, rounds=rounds, responses=(), total_decay=None)


def test_it_asks_only_where_the_current_settings_win(recording, beaten):
    assert asks_for_less(beaten)
    assert not asks_for_less(recording("copies_mlp"))
    optimizer = {**beaten.current.optimizer, "weight_decay": 0.1}
    assert not asks_for_less(beaten.with_(current=replace(beaten.current, optimizer=optimizer)))


def test_both_probes_have_the_smaller_total(beaten):
    specs = LessDecayRound().specs(beaten, _runner(beaten))
    assert len(specs) == 2
    for spec in specs:
        hparams = beaten.choice.with_(lr=spec.lr, weight_decay=spec.weight_decay)
        assert total_decay(hparams, spec.steps) == pytest.approx(LESS, rel=0.02)
    assert specs[1].lr == pytest.approx(specs[0].lr / 10**0.5, rel=0.01)


def test_what_did_no_better_is_no_rung(beaten):
    runner = _runner(beaten)
    rungs = copy_groups(beaten)[0]
    spec = LessDecayRound().specs(beaten, runner)[0]
    tried = replace(rungs[0], spec=replace(spec, steps=rungs[0].spec.steps), round=RoundName.LESS_DECAY)
    after = beaten.with_(arms=(*beaten.arms, tried))
    assert copy_groups(after)[0] == rungs
    less = after.with_(base_decay=LESS)
    assert copy_groups(less) == [[tried]]


def test_later_copies_have_it(beaten):
    runner = _runner(beaten)
    shape = coarse_shape(beaten, runner)
    for base in (PRIOR, LESS):
        spec = copy_of(beaten.with_(base_decay=base), runner, shape, 0.1)
        hparams = beaten.choice.with_(lr=spec.lr, weight_decay=spec.weight_decay)
        assert total_decay(hparams, spec.steps) == pytest.approx(base, rel=0.02)
