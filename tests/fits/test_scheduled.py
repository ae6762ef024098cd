"""Long curves under a known schedule."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.fits.extrapolate import Forecast
from advisor.fits.scheduled import SHAPE, Law, Rates, forecast_scheduled, rates_of, taken_off
from advisor.fits.types import FitFailed

STEPS = np.arange(500.0, 30_001.0, 100.0)
CONSTANT = np.full(STEPS.size, 3e-4)
COSINE = 3e-4 * (0.55 + 0.45 * np.cos(math.pi * STEPS / STEPS[-1]))
SHARP = np.where(STEPS < 25_000, 3e-4, 3e-4 * 0.1 ** ((STEPS - 25_000) / 5_000))


def schedule(rate: np.ndarray, step: np.ndarray = STEPS) -> Rates:
    found = rates_of(step.tolist(), rate.tolist())
    assert isinstance(found, Rates), found
    return found


def curve(rates: Rates, floor: float = 3.0, scale: float = 0.3, alpha: float = 0.5, noise: float = 0.0) -> np.ndarray:
    exact = Law(floor, scale, SHAPE.share * scale, alpha, SHAPE, 0.0).at(rates, rates.step)
    return np.asarray(exact + noise * np.random.default_rng(0).normal(size=exact.size))


def forecast(loss: np.ndarray, rates: Rates, share: float = 1 / 3, floor: float = 0.0) -> Forecast:
    count = round(share * loss.size)
    found = forecast_scheduled(STEPS[:count].tolist(), loss[:count].tolist(), rates, rates, floor=floor)
    assert isinstance(found, Forecast), found
    return found


@pytest.mark.parametrize("rate", [CONSTANT, COSINE, SHARP])
@pytest.mark.parametrize("alpha", [0.35, 0.5, 0.7])
def test_a_curve_of_the_law_is_predicted_from_its_first_third(rate: np.ndarray, alpha: float) -> None:
    rates = schedule(rate)
    loss = curve(rates, alpha=alpha, noise=0.002)
    found = forecast(loss, rates)
    assert found.estimate.value == pytest.approx(loss[-1], rel=5e-3)
    assert found.estimate.low < loss[-1] < found.estimate.high
    assert found.at == STEPS[-1]


def test_what_a_fall_of_the_rate_takes_off_is_learned_from_a_curve_that_saw_it() -> None:
    rates = schedule(SHARP)
    twice = Law(3.0, 0.3, 2.0 * SHAPE.share * 0.3, 0.5, SHAPE, 0.0).at(rates, STEPS)
    longer = rates.stretched(2.0)
    truth = float(Law(3.0, 0.3, 2.0 * SHAPE.share * 0.3, 0.5, SHAPE, 0.0).at(longer, longer.step[-1:])[0])
    found = forecast_scheduled(STEPS.tolist(), twice.tolist(), rates, longer)
    assert isinstance(found, Forecast)
    assert found.estimate.value == pytest.approx(truth, rel=5e-3)


@given(st.floats(1e-3, 1e3), st.floats(1e-6, 1e3))
@settings(max_examples=20, deadline=None)
def test_units_of_loss_and_rate_do_not_matter(of_loss: float, of_rate: float) -> None:
    rates, scaled = schedule(COSINE), schedule(COSINE * of_rate)
    loss = curve(rates)
    here, there = forecast(loss, rates).estimate, forecast(loss * of_loss, scaled).estimate
    assert there.value == pytest.approx(here.value * of_loss, rel=1e-6)
    assert there.high == pytest.approx(here.high * of_loss, rel=1e-4)


def test_a_constant_rate_takes_nothing_off_and_a_fall_does_more_with_time() -> None:
    assert np.all(taken_off(schedule(CONSTANT), STEPS, SHAPE) == 0.0)
    off = taken_off(schedule(np.where(STEPS < 10_000, 1.0, 0.3)), STEPS, SHAPE)
    assert np.all(off[STEPS < 9_900] == 0.0)
    assert np.all(np.diff(off[STEPS > 10_000]) > 0.0)
    assert off[-1] < 0.7


def test_the_interval_widens_with_what_is_left_to_run() -> None:
    rates = schedule(COSINE)
    loss = curve(rates)
    halves = [forecast(loss, rates, share).estimate for share in (0.3, 0.5, 0.8)]
    widths = [half.high - half.low for half in halves]
    assert widths == sorted(widths, reverse=True)


def test_no_forecast_below_the_smallest_possible_loss() -> None:
    rates = schedule(CONSTANT)
    found = forecast(curve(rates, floor=0.005, scale=0.2), rates)
    assert found.estimate.low >= 0.0


@pytest.mark.parametrize(
    ("loss", "word"),
    [
        (3.0 + np.exp(-STEPS / 1500.0), "another law"),  # level long before the end
        (3.5 - STEPS / 30_000.0, "another law"),  # falls in a straight line
        (np.full(STEPS.size, 3.0), "no fall"),
        (3.0 + STEPS / 30_000.0, "no fall"),
        (np.where(STEPS > 3_000, math.nan, 3.0 - STEPS / 1e5), "at least"),
    ],
)
def test_curves_that_follow_no_such_law_are_refused(loss: np.ndarray, word: str) -> None:
    rates = schedule(COSINE)
    found = forecast_scheduled(STEPS.tolist(), loss.tolist(), rates, rates)
    assert isinstance(found, FitFailed)
    assert word in found.reason


def test_a_schedule_that_was_hardly_begun_is_refused() -> None:
    rising = schedule(STEPS / STEPS[-1])  # the peak is the end
    found = forecast_scheduled(STEPS.tolist(), curve(schedule(CONSTANT)).tolist(), rising, rising)
    assert isinstance(found, FitFailed)


numbers = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60)


@given(numbers, numbers, numbers)
@settings(max_examples=60, deadline=None)
def test_anything_else_gives_a_reason(step: list[float], rate: list[float], loss: list[float]) -> None:
    rates = rates_of(step, rate)
    if isinstance(rates, FitFailed):
        assert rates.reason
        return
    found = forecast_scheduled(step, loss, rates, rates)
    assert isinstance(found, Forecast) or found.reason
