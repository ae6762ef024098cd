import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.fits.smoothing import bin_means, centred_mean, centred_median, difference_noise, ema

losses = st.floats(min_value=-1e6, max_value=1e6)


@given(losses, st.floats(min_value=0.0, max_value=0.999), st.integers(1, 200))
def test_a_constant_is_returned_exactly(value: float, beta: float, size: int) -> None:
    assert ema([value] * size, beta) == (value,) * size


def test_constant_two_is_two_from_the_first_point() -> None:
    assert ema([2.0] * 100, 0.98)[0] == 2.0


@given(st.lists(losses, min_size=1, max_size=50), st.floats(min_value=0.0, max_value=0.99))
def test_equals_the_textbook_debiased_average(values: list[float], beta: float) -> None:
    average, expected = 0.0, []
    for i, value in enumerate(values, start=1):
        average = beta * average + (1 - beta) * value
        expected.append(average / (1 - beta**i))
    assert ema(values, beta) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_stops_before_the_first_non_finite_value(bad: float) -> None:
    assert ema([1.0, 1.0, bad, 1.0], 0.9) == (1.0, 1.0)
    assert ema([bad], 0.9) == ()


def test_difference_noise_ignores_trend_and_outliers() -> None:
    rng = np.random.default_rng(0)
    values = np.linspace(5, 0, 400) + 0.1 * rng.standard_normal(400)
    values[100] = 50.0
    assert difference_noise(values.tolist()) == pytest.approx(0.1, rel=0.15)


def test_difference_noise_was_never_measured_on_three_points() -> None:
    assert math.isnan(difference_noise([1.0, 2.0, 3.0]))
    assert math.isnan(difference_noise([]))
    assert math.isnan(difference_noise([math.nan] * 9))


def test_centred_mean_keeps_a_line_and_median_keeps_an_edge() -> None:
    line = np.linspace(0, 1, 20)
    assert centred_mean(line, 5) == pytest.approx(line)
    edge = np.where(np.arange(20) < 10, 0.0, 1.0)
    assert centred_median(edge, 5).tolist() == edge.tolist()


def test_bin_means_leaves_out_non_finite_pairs() -> None:
    x, y = bin_means([1, 2, 3, 4, 5], [1.0, math.nan, 3.0, 4.0, 5.0], 2)
    assert x.tolist() == [2.0, 4.5]
    assert y.tolist() == [2.0, 4.5]
