"""Traces to fitted curves with intervals. A fit that failed is a value, never an exception; no torch here."""

from advisor.fits.bracket import RangeBracket, combine_range_tests
from advisor.fits.by_length import forecast_length
from advisor.fits.curve_shape import (
    Divergence,
    DivergenceKind,
    Gap,
    MinimumPassed,
    divergence,
    gap,
    minimum_passed,
    plateau,
)
from advisor.fits.drift import Drift, fit_drift
from advisor.fits.extrapolate import Forecast, extrapolate
from advisor.fits.range_test import RangeFit, RangeVerdict, fit_range_test
from advisor.fits.response import at_stake, fit_response
from advisor.fits.smoothing import bin_means, difference_noise, ema
from advisor.fits.types import Estimate, FitFailed, Point, Response, ResponseVerdict, Scale

__all__ = [
    "Divergence",
    "DivergenceKind",
    "Drift",
    "Estimate",
    "FitFailed",
    "Forecast",
    "Gap",
    "MinimumPassed",
    "Point",
    "RangeBracket",
    "RangeFit",
    "RangeVerdict",
    "Response",
    "ResponseVerdict",
    "Scale",
    "at_stake",
    "bin_means",
    "combine_range_tests",
    "difference_noise",
    "divergence",
    "ema",
    "extrapolate",
    "fit_drift",
    "fit_range_test",
    "fit_response",
    "forecast_length",
    "gap",
    "minimum_passed",
    "plateau",
]
