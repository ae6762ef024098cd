import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.fits import FitFailed, RangeFit, combine_range_tests, fit_range_test

CEILING = 0.1


def sweep(noise: float = 0.0, seed: int = 0, size: int = 100, top: float = 10.0) -> tuple[list[float], list[float]]:
    """Loss that falls with the summed rate and explodes above CEILING."""
    rng = np.random.default_rng(seed)
    lr = np.geomspace(1e-6, top, size)
    step = math.log(lr[1] / lr[0])
    loss = 0.3 + 2.0 * np.exp(-np.cumsum(lr) * step / 0.02)
    loss = loss + np.where(lr > CEILING, (3 * np.log(np.maximum(lr / CEILING, 1.0))) ** 3, 0.0)
    return lr.tolist(), (loss + noise * rng.standard_normal(size)).tolist()


def fitted(lr: list[float], loss: list[float], **options: float) -> RangeFit:
    fit = fit_range_test(lr, loss, **options)
    assert isinstance(fit, RangeFit), fit
    return fit


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("size", [40, 100, 400])
def test_reads_descent_and_ceiling(noise: float, size: int) -> None:
    fit = fitted(*sweep(noise, size=size))
    assert fit.verdict == "usable" and fit.diverged
    assert fit.descent_lr is not None and fit.best_lr is not None and fit.steepest_lr is not None
    assert fit.ceiling_lr is not None
    assert 1e-3 < fit.descent_lr <= fit.steepest_lr <= fit.best_lr <= fit.ceiling_lr
    assert CEILING / 1.5 < fit.ceiling_lr < CEILING * 2.5
    assert fit.initial_loss == pytest.approx(2.3, abs=0.3)


def test_without_divergence_there_is_no_ceiling() -> None:
    fit = fitted(*sweep(0.02, top=CEILING))
    assert fit.verdict == "usable" and not fit.diverged and fit.ceiling_lr is None


def test_perfectly_flat_loss_gives_no_number() -> None:
    fit = fitted(np.geomspace(1e-8, 1, 100).tolist(), [2.0] * 100)
    assert fit.verdict == "flat" and fit.reason
    assert (fit.descent_lr, fit.best_lr, fit.steepest_lr, fit.ceiling_lr) == (None, None, None, None)
    assert set(fit.smoothed) == {2.0}


def test_noisy_flat_loss_gives_no_number() -> None:
    rng = np.random.default_rng(0)
    lr = np.geomspace(1e-8, 1, 100).tolist()
    fits = [fitted(lr, (2 + 0.1 * rng.standard_normal(100)).tolist()) for _ in range(40)]
    assert sum(fit.verdict == "usable" for fit in fits) <= 1


def test_nan_at_70_of_100_gives_the_rate_just_below() -> None:
    lr = np.geomspace(1e-6, 10, 100)
    loss = 2.3 - 2 / (1 + (1e-2 / lr) ** 1.5)
    loss[70:] = math.nan
    fit = fitted(lr.tolist(), loss.tolist())
    assert fit.diverged and fit.ceiling_lr == lr[69]
    assert all(math.isfinite(value) for value in fit.smoothed) and len(fit.smoothed) == 70
    assert fit.steepest_lr is not None and fit.steepest_lr == pytest.approx(1e-2, rel=0.5)


def test_flat_until_nan_never_fell_but_has_a_ceiling() -> None:
    lr = np.geomspace(1e-6, 10, 100)
    fit = fitted(lr.tolist(), [2.0] * 70 + [math.nan] * 30)
    assert fit.verdict == "never_fell" and fit.best_lr is None and fit.ceiling_lr == lr[69]


def test_trained_model_that_only_gets_worse_never_fell() -> None:
    lr = np.geomspace(1e-6, 10, 100)
    loss = 0.1 + 2 / (1 + (0.01 / lr) ** 2)
    fit = fitted(lr.tolist(), loss.tolist())
    assert fit.verdict == "never_fell" and fit.diverged and fit.best_lr is None


def test_a_sweep_stopped_at_its_first_explosion_counts_as_diverged() -> None:
    lr, loss = sweep(0.02, top=CEILING)
    assert fitted([*lr, 0.12], [*loss, 40.0]).ceiling_lr == pytest.approx(CEILING)
    assert fitted(lr, loss, cut_off=True).ceiling_lr == pytest.approx(CEILING)


def test_a_spike_that_recovers_is_no_divergence() -> None:
    lr, loss = sweep(0.02, top=CEILING)
    loss[85] = 9.0
    assert not fitted(lr, loss).diverged


@pytest.mark.parametrize(
    ("lr", "loss"),
    [
        ([], []),
        ([1e-3] * 50, [1.0] * 50),
        (np.geomspace(1, 1e-6, 50).tolist(), [1.0] * 50),
        (np.geomspace(1e-6, 1, 50).tolist(), [math.nan] * 50),
        (np.geomspace(1e-6, 1, 50).tolist(), [1.0] * 5 + [math.inf] * 45),
        (np.linspace(0, 1, 50).tolist(), [1.0] * 50),
    ],
)
def test_unreadable_sweeps_fail_with_a_reason(lr: list[float], loss: list[float]) -> None:
    fit = fit_range_test(lr, loss)
    assert isinstance(fit, FitFailed) and fit.reason


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([1e-3, 0.5, 7.0, 1000.0]), st.floats(min_value=-100, max_value=100), st.integers(0, 50))
def test_scale_and_offset_of_the_loss_change_no_rate(scale: float, offset: float, seed: int) -> None:
    lr, loss = sweep(0.05, seed)
    plain, moved = fitted(lr, loss), fitted(lr, [scale * (value + offset) for value in loss])
    for name in ("verdict", "descent_lr", "best_lr", "steepest_lr", "ceiling_lr", "diverged"):
        assert getattr(plain, name) == getattr(moved, name), name


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(), max_size=60))
def test_never_raises_and_never_returns_nan(loss: list[float]) -> None:
    fit = fit_range_test(np.geomspace(1e-6, 1, 60).tolist(), loss)
    if isinstance(fit, RangeFit):
        rates = (fit.descent_lr, fit.best_lr, fit.steepest_lr, fit.ceiling_lr)
        assert all(rate is None or math.isfinite(rate) for rate in rates)
        assert all(math.isfinite(value) for value in fit.smoothed)


def test_combines_seeds_into_a_bracket() -> None:
    fits = [fit_range_test(*sweep(0.1, seed)) for seed in range(5)]
    bracket = combine_range_tests([*fits, FitFailed("3 points")])
    assert not isinstance(bracket, FitFailed) and bracket.ceiling is not None
    assert bracket.low < CEILING / 3 and bracket.high >= bracket.ceiling.value
    assert bracket.ceiling.low < bracket.ceiling.value < bracket.ceiling.high
    assert 1.0 <= bracket.spread <= 3.0 and bracket.seeds == bracket.diverged == 5


def test_a_lone_sweep_has_a_wide_ceiling_and_an_open_one_has_none() -> None:
    alone = combine_range_tests([fit_range_test(*sweep())])
    assert not isinstance(alone, FitFailed) and alone.ceiling is not None
    assert alone.ceiling.high / alone.ceiling.low == pytest.approx(4.0)
    still_open = combine_range_tests([fit_range_test(*sweep(top=CEILING))])
    assert not isinstance(still_open, FitFailed)
    assert still_open.ceiling is None and still_open.high == pytest.approx(CEILING)


def test_flat_sweeps_give_no_bracket() -> None:
    flat = fit_range_test(np.geomspace(1e-6, 1, 50).tolist(), [1.0] * 50)
    for fits in ([], [flat], [FitFailed("x"), flat]):
        combined = combine_range_tests(fits)
        assert isinstance(combined, FitFailed) and combined.reason
