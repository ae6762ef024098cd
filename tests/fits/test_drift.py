import math

import numpy as np
import pytest

from advisor.fits import Drift, Estimate, FitFailed, fit_drift


def around(value: float, factor: float) -> Estimate:
    return Estimate(value, value / factor, value * factor)


def fitted(optima: list[tuple[float, Estimate]]) -> Drift:
    drift = fit_drift(optima)
    assert isinstance(drift, Drift), drift
    return drift


@pytest.mark.parametrize("exponent", [-1.0, -0.5, 0.0, 0.3])
def test_recovers_the_exponent_from_three_lengths(exponent: float) -> None:
    drift = fitted([(length, around(0.1 * length**exponent, 1.1)) for length in (1 / 16, 1 / 8, 1 / 4)])
    assert drift.slope.low - 1e-9 <= exponent <= drift.slope.high + 1e-9
    assert drift.slope.value == pytest.approx(exponent, abs=0.12)
    assert drift.at(1.0).value == pytest.approx(0.1, rel=0.25)


def test_one_optimum_is_carried_by_the_prior_and_widens_with_distance() -> None:
    drift = fitted([(1 / 16, around(0.5, 1.3))])
    widths = [math.log(drift.at(length).high / drift.at(length).low) for length in (1 / 16, 1 / 8, 1 / 4, 1.0)]
    assert widths == sorted(widths) and widths[-1] > 2 * widths[0]
    assert drift.at(1.0).value == pytest.approx(0.5)
    assert widths[0] == pytest.approx(2 * math.log(1.3))


def test_vague_optima_leave_the_prior_in_charge() -> None:
    drift = fitted([(1 / 16, around(1.0, 5.0)), (1 / 8, around(0.5, 5.0))])
    assert abs(drift.slope.value) < 0.2


def test_optima_off_any_line_widen_the_interval() -> None:
    lengths = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
    straight = fitted([(length, around(0.1, 1.1)) for length in lengths])
    bent = fitted([(length, around(value, 1.1)) for length, value in zip(lengths, (0.1, 0.3, 0.03, 0.1), strict=True)])
    assert bent.at(1.0).high / bent.at(1.0).low > 2 * straight.at(1.0).high / straight.at(1.0).low


def test_zero_and_non_finite_optima_are_left_out() -> None:
    drift = fitted([(1 / 8, Estimate(0.0, 0.0, 0.0)), (1 / 4, around(0.2, 1.2)), (1 / 2, around(math.nan, 1.0))])
    assert drift.optima == 1
    nothing = fit_drift([(1 / 8, Estimate(0.0, 0.0, 0.0))])
    assert isinstance(nothing, FitFailed) and nothing.reason
    assert isinstance(fit_drift([]), FitFailed)


def test_a_low_end_of_zero_is_no_obstacle() -> None:
    drift = fitted([(1 / 8, Estimate(1e-4, 0.0, 3e-4))])
    assert all(np.isfinite([drift.at(1.0).low, drift.at(1.0).high]))


def test_the_prior_mean_is_followed_where_nothing_is_known() -> None:
    drift = fit_drift([(1 / 4, around(0.4, 1.2))], prior_mean=-1.0)
    assert isinstance(drift, Drift) and drift.at(1.0).value == pytest.approx(0.1)
