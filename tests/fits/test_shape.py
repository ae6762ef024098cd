import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.fits import (
    FitFailed,
    Gap,
    MinimumPassed,
    divergence,
    gap,
    minimum_passed,
    plateau,
)
from advisor.records.trace import Trace

STEPS = list(range(1, 101))


def minimum(loss: list[float], noise: float = math.nan) -> MinimumPassed:
    result = minimum_passed([10 * (i + 1) for i in range(len(loss))], loss, noise)
    assert isinstance(result, MinimumPassed), result
    return result


def trace_of(train: list[float], eval_step: tuple[int, ...], val: tuple[float, ...]) -> Trace:
    size = len(train)
    return Trace(
        key="k",
        status="finished",
        reason="",
        step=tuple(range(1, size + 1)),
        train_loss=tuple(train),
        lr=(0.1,) * size,
        momentum=(0.9,) * size,
        norm_step=(),
        grad_norm=(),
        weight_norm=(),
        eval_step=eval_step,
        val_loss=val,
        val_metric=(),
        val_loss_se=math.nan,
        step_seconds=0.01,
        seconds=1.0,
        train_examples=32 * size,
        eval_examples=100,
    )


def test_plateau_is_where_the_improvement_ends() -> None:
    falling = [2.0 - 0.05 * min(step, 40) for step in STEPS]
    found = plateau(STEPS, falling, 0.01)
    assert found is not None and 36 <= found <= 44


def test_no_plateau_while_the_loss_still_falls_or_after_divergence() -> None:
    assert plateau(STEPS, [2.0 - 0.01 * step for step in STEPS], 0.001) is None
    assert plateau(STEPS, [1.0] * 50 + [math.nan] * 50, 0.01) is None
    assert plateau([1, 2], [1.0, 1.0], 0.01) is None


def test_minimum_passed_on_an_overfitting_curve() -> None:
    loss = [1.0, 0.7, 0.5, 0.55, 0.65, 0.75, 0.9]
    found = minimum(loss, 0.02)
    assert found.passed and found.best_step == 30 and found.best_fraction == pytest.approx(3 / 7)
    assert found.rise == pytest.approx(0.25, abs=0.05) and found.best_loss == 0.5


def test_a_rise_at_the_last_evaluation_needs_three_times_the_noise() -> None:
    assert not minimum([1.0, 0.7, 0.5, 0.55], 0.02).passed
    assert minimum([1.0, 0.7, 0.5, 0.57], 0.02).passed


def test_falling_and_flat_noisy_curves_have_not_passed_their_minimum() -> None:
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(100):
        noise = 0.02 * rng.standard_normal(20)
        wrong += minimum((0.5 + noise).tolist(), 0.02).passed
        wrong += minimum((0.5 + np.exp(-np.arange(20) / 10) + noise).tolist(), 0.02).passed
    assert wrong <= 6


def test_a_minimum_that_stands_alone_is_scatter() -> None:
    found = minimum([0.087, 0.057, 0.101, 0.092, 0.086, 0.084], 0.007)
    assert found.beyond_noise and not found.passed
    assert minimum([0.087, 0.057, 0.071, 0.092, 0.086, 0.084], 0.007).passed
    assert minimum([0.057, 0.101, 0.092, 0.086, 0.084], 0.007).passed


def test_best_at_the_end_has_no_rise() -> None:
    found = minimum([1.0, 0.8, 0.6], 0.01)
    assert found.rise == 0.0 and found.best_fraction == 1.0 and not found.passed


@pytest.mark.parametrize("loss", [[], [1.0, 0.5], [math.nan] * 9])
def test_minimum_needs_three_evaluations(loss: list[float]) -> None:
    result = minimum_passed(STEPS[: len(loss)], loss, 0.01)
    assert isinstance(result, FitFailed) and result.reason


@settings(deadline=None)
@given(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=30), st.sampled_from([math.nan, 0.0, 1.0]))
def test_minimum_is_consistent(loss: list[float], noise: float) -> None:
    found = minimum(loss, noise)
    assert math.isfinite(found.rise) and 0 < found.best_fraction <= 1
    assert found.passed == (found.beyond_noise and found.persistent)


def test_gap_is_validation_minus_smoothed_training_loss() -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(200)
    trace = trace_of((1.0 + noise).tolist(), (100, 200), (1.2, 1.5))
    result = gap(trace)
    assert isinstance(result, Gap) and result.step == (100, 200)
    assert result.gap == pytest.approx((0.2, 0.5), abs=0.1) and result.final == result.gap[-1]


def test_gap_of_a_diverged_or_unvalidated_trace_is_a_reason() -> None:
    trace = trace_of([1.0] * 10, (5, 10), (1.1, math.nan))
    partial = gap(trace)
    assert isinstance(partial, Gap) and partial.step == (5,)
    for broken in (replace(trace, val_loss=(), eval_step=()), replace(trace, train_loss=(math.nan,) * 10)):
        result = gap(broken)
        assert isinstance(result, FitFailed) and result.reason


@pytest.mark.parametrize(
    ("loss", "kind", "index"),
    [
        ([], "none", None),
        ([2.0] * 50, "none", None),
        ([1.0, 0.9, math.nan, 0.8], "non_finite", 2),
        ([2.0, 1.5, 1.0, 1.0, 1.0, 1.0, 30.0, 30.0, 300.0, 300.0], "exploded", 6),
        ([1.0, 0.9, 0.8, 9.0, 0.7, 0.6, 0.5, 0.5, 0.5, 0.5], "none", None),
        (np.linspace(2, 0.1, 50).tolist(), "none", None),
    ],
)
def test_divergence(loss: list[float], kind: str, index: int | None) -> None:
    found = divergence(loss)
    assert (found.kind, found.index, found.diverged) == (kind, index, kind != "none")


def test_noise_alone_is_no_divergence() -> None:
    rng = np.random.default_rng(0)
    assert not any(divergence((5 + rng.standard_normal(100)).tolist()).diverged for _ in range(50))
