"""The scipy functions that the fits use, imported on first call because scipy takes a second to load.

Commands that fit nothing do not load it.
"""

from typing import Any


def kendalltau(*args: Any, **kwargs: Any) -> Any:
    """``scipy.stats.kendalltau``."""
    from scipy import stats

    return stats.kendalltau(*args, **kwargs)


def theilslopes(*args: Any, **kwargs: Any) -> Any:
    """``scipy.stats.theilslopes``."""
    from scipy import stats

    return stats.theilslopes(*args, **kwargs)


def least_squares(*args: Any, **kwargs: Any) -> Any:
    """``scipy.optimize.least_squares``."""
    from scipy import optimize

    return optimize.least_squares(*args, **kwargs)


def normal_quantile(share: float) -> float:
    """Quantile of the standard normal distribution; NaN if ``share`` is outside [0, 1]."""
    from scipy.special import ndtri

    return float(ndtri(share))


def student_quantile(share: float, freedom: float) -> float:
    """Quantile of Student's t distribution with ``freedom`` degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))
