"""What the fits need of scipy, under scipy's own names: it takes a second to load, so only when it is first called.

A file that is refused, or a command that fits nothing, never pays for it.
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
    """The value below which this share of the standard normal distribution lies; NaN outside [0, 1]."""
    from scipy.special import ndtri

    return float(ndtri(share))


def student_quantile(share: float, freedom: float) -> float:
    """The same of Student's t distribution with so many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))
