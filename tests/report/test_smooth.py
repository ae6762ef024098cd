"""Smoothing of the curves that figures draw."""

import math

import pytest

from advisor.report.smooth import trailing_mean


@pytest.mark.parametrize("window", [1, 3, 4, 50])
def test_one_huge_value_is_gone_when_it_has_left_the_window(window):
    values = [0.5, 1e300, math.nan, *(0.1 * i for i in range(1, 20)), math.inf, 2.0]
    means = trailing_mean(values, window)
    for index, mean in enumerate(means):
        last = [value for value in values[max(0, index - window + 1) : index + 1] if math.isfinite(value)]
        if math.isfinite(values[index]):
            assert mean == pytest.approx(math.fsum(last) / len(last), rel=1e-12)
        else:
            assert math.isnan(mean)
