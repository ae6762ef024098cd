import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.fits import FitFailed, Forecast, extrapolate, forecast_length
from advisor.fits.families import FAMILIES, fit_family


def forecast(x: list[float], y: list[float], at: float, **options: float) -> Forecast:
    result = extrapolate(x, y, at, **options)
    assert isinstance(result, Forecast), result
    return result


def pow3(size: int, noise: float = 0.0, seed: int = 0) -> tuple[list[float], list[float]]:
    x = np.arange(1, size + 1, dtype=float)
    noisy = 0.5 + 2 * x**-0.7 + noise * np.random.default_rng(seed).standard_normal(size)
    return x.tolist(), noisy.tolist()


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_extrapolates_a_power_law(noise: float) -> None:
    truth = 0.5 + 2 * 60**-0.7
    result = forecast(*pow3(30, noise), 60)
    assert result.estimate.value == pytest.approx(truth, abs=0.03)
    assert result.estimate.low <= truth <= result.estimate.high
    assert abs(result.estimate.value - truth) < abs(result.last - truth)


def test_pow4_itself_is_recovered() -> None:
    x = np.arange(1, 31, dtype=float)
    y = 0.5 + 2 * (x + 6) ** -0.7
    fit = fit_family(FAMILIES[0], x / 30, (y - y.min()) / np.ptp(y), 0.0)
    assert fit is not None and fit.rms < 1e-3
    assert y.min() + np.ptp(y) * fit.at(np.array([2.0]))[0] == pytest.approx(0.5 + 2 * 66**-0.7, abs=0.01)


def half(result: Forecast) -> float:
    return result.estimate.high - result.estimate.value


def test_the_interval_follows_how_rough_the_curve_is_and_how_far_it_goes() -> None:
    x, smooth = pow3(30)
    calm, rough = (forecast(x, pow3(30, noise, 3)[1], 45) for noise in (0.001, 0.02))
    assert half(rough) > 2 * half(calm)
    assert half(forecast(x, smooth, 90)) > 1.5 * half(forecast(x, smooth, 45)) > half(forecast(x, smooth, 31))


def test_a_rise_before_the_fall_is_left_out() -> None:
    x, y = pow3(30, 0.005)
    rise = [0.5, 1.5, 2.4]
    with_rise = forecast(list(range(1, 34)), [*rise, *y], 60).estimate
    assert with_rise.value == pytest.approx(forecast([i + 3 for i in x], y, 60).estimate.value, abs=1e-6)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_falls_and_is_finite(family: object) -> None:
    for start in family.starts:  # type: ignore[attr-defined]
        y = family.curve(np.array([0.1, 0.0, *start]), np.linspace(0.02, 3, 50))  # type: ignore[attr-defined]
        assert np.all(np.isfinite(y)) and np.all(np.diff(y) <= 0)


def test_losses_below_zero_are_extrapolated_alike() -> None:
    x, y = pow3(30, 0.005)
    plain = forecast(x, y, 60).estimate
    moved = forecast(x, [100 * (value - 5) for value in y], 60).estimate
    assert moved.value == pytest.approx(100 * (plain.value - 5), rel=1e-3)
    assert moved.low == pytest.approx(100 * (plain.low - 5), rel=1e-2)


def test_the_floor_is_kept() -> None:
    x = np.arange(1, 16, dtype=float)
    result = extrapolate(x.tolist(), np.exp(-x / 5).tolist(), 20, floor=0.0)
    assert isinstance(result, Forecast) and result.estimate.low >= -1e-6


def test_repeated_calls_agree() -> None:
    assert extrapolate(*pow3(20, 0.02), 40) == extrapolate(*pow3(20, 0.02), 40)


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("y", "at"),
    [
        ([], 10),
        ([1.0, 0.9, 0.8], 10),
        ([1.0] * 20, 40),
        ([math.nan] * 20, 40),
        ([1.0, 0.9, math.nan] + [0.5] * 20, 40),
        ((2 + RNG.standard_normal(40)).tolist(), 80),
        ((1 + (np.arange(30) - 10) ** 2 / 100).tolist(), 60),
        (np.linspace(1, 2, 20).tolist(), 40),
        (pow3(20)[1], 10),
        (pow3(20)[1], math.nan),
        (pow3(6)[1], 1000),
    ],
    ids=[
        "empty",
        "three",
        "flat",
        "nan",
        "early nan",
        "noise",
        "u",
        "rising",
        "inside",
        "nowhere",
        "too far",
    ],
)
def test_abstains_with_a_reason(y: list[float], at: float) -> None:
    result = extrapolate(list(range(1, len(y) + 1)), y, at)
    assert isinstance(result, FitFailed) and result.reason


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(), max_size=12))
def test_extrapolate_never_raises_and_never_returns_nan(y: list[float]) -> None:
    result = extrapolate(list(range(1, len(y) + 1)), y, 20)
    if isinstance(result, Forecast):
        assert result.estimate.low <= result.estimate.value <= result.estimate.high


def length_forecast(lengths: list[float], losses: list[float], noise: float = math.nan) -> Forecast:
    result = forecast_length(lengths, losses, noise)
    assert isinstance(result, Forecast), result
    return result


def test_two_lengths_are_continued_straight_in_log_loss() -> None:
    result = length_forecast([1 / 16, 1 / 4], [1.0, 0.8], 0.01)
    assert result.estimate.value == pytest.approx(0.64)
    assert result.estimate.low < 0.512 and result.estimate.high == pytest.approx(0.8 * math.exp(0.15) + 0.01)
    assert result.last == 0.8


def test_losses_below_zero_are_continued_straight() -> None:
    result = length_forecast([1 / 16, 1 / 4], [-1.0, -1.5], 0.0)
    assert result.estimate.value == pytest.approx(-2.0)
    assert result.estimate.low == pytest.approx(-3.0) and result.estimate.high == pytest.approx(-1.5)


def test_units_of_a_positive_loss_do_not_matter() -> None:
    one, thousand = (length_forecast([1 / 16, 1 / 4], [k * 1.0, k * 0.8], k * 0.01).estimate for k in (1, 1000))
    assert thousand.value == pytest.approx(1000 * one.value) and thousand.low == pytest.approx(1000 * one.low)


def test_near_equal_lengths_count_as_one() -> None:
    apart = length_forecast([1 / 16, 1 / 4], [1.0, 0.8]).estimate
    doubled = length_forecast([1 / 16, 1 / 15.5, 1 / 4], [1.0, 1.1, 0.8]).estimate
    assert doubled == apart


def test_no_gain_from_length_is_said_and_loss_from_length_is_possible() -> None:
    assert length_forecast([1 / 8, 1 / 4, 1 / 2], [0.5, 0.5, 0.5], 0.01).estimate.value == pytest.approx(0.5)
    worse = length_forecast([1 / 4, 1 / 2], [0.50, 0.55], 0.01).estimate
    assert worse.high >= 0.6 and worse.low < 0.55


@pytest.mark.parametrize(
    ("lengths", "losses", "at"),
    [
        ([], [], 1.0),
        ([0.5], [1.0], 1.0),
        ([0.5, 0.5], [1.0, 1.1], 1.0),
        ([0.25, 0.5], [1.0, math.inf], 1.0),
        ([0.25, 0.5], [1.0, 0.9], 0.3),
    ],
)
def test_too_few_lengths_give_no_forecast(lengths: list[float], losses: list[float], at: float) -> None:
    result = forecast_length(lengths, losses, 0.01, at)
    assert isinstance(result, FitFailed) and result.reason


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=5), st.sampled_from([math.nan, 0.0, 0.1]))
def test_the_length_interval_holds_its_value_and_the_last_loss(losses: list[float], noise: float) -> None:
    lengths = [2.0 ** (i - 5) for i in range(len(losses))]
    result = length_forecast(lengths, losses, noise)
    assert result.estimate.low <= result.estimate.value <= result.estimate.high
    assert result.estimate.low <= losses[-1] <= result.estimate.high
