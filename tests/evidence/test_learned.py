"""Whether anything was learned, and whether the metric can be trusted to rank runs."""

from dataclasses import replace

import pytest

from advisor.evidence.evidence import Objective
from advisor.evidence.learned import baseline, trusted

METRIC = Objective("f1", higher_is_better=True, is_loss=False)


@pytest.fixture
def by_metric(recording):
    """A searched task that is judged by a metric which each run's loss decides."""
    evidence = recording("healthy_mlp").with_(objective=METRIC)
    return evidence.with_(arms=tuple(_scored(arm, 1.0 / (1.0 + arm.trace.final_val_loss)) for arm in evidence.arms))


def _scored(arm, metric, **more):
    return replace(arm, trace=replace(arm.trace, val_metric=(metric,) * len(arm.trace.val_loss), **more))


def _untrained(evidence, arm, metric):
    guess = baseline(evidence, arm)
    return _scored(arm, metric, val_loss=(guess,) * len(arm.trace.val_loss), train_loss=(guess,) * len(arm.trace.step))


def test_a_metric_that_follows_the_loss_is_kept(by_metric):
    assert trusted(by_metric).objective == METRIC


def test_where_an_untrained_run_wins_the_metric_the_loss_judges(by_metric):
    first = next(arm for arm in by_metric.cycles if arm.trace.status == "finished")
    arms = tuple(_untrained(by_metric, arm, 1.0) if arm is first else arm for arm in by_metric.arms)
    judged = trusted(by_metric.with_(arms=arms))
    assert judged.objective == Objective(instead_of="f1")
    assert trusted(judged) == judged


def test_where_nothing_is_trained_the_metric_stays(by_metric):
    arms = tuple(_untrained(by_metric, arm, 1.0) for arm in by_metric.arms)
    assert trusted(by_metric.with_(arms=arms)).objective == METRIC
