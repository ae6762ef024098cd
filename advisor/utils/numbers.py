"""How numbers are written in text: losses, rates, ratios, shares of a run."""

import math
from collections.abc import Iterable


def number(value: float) -> str:
    """A loss as people write it: three significant digits."""
    return f"{value:.3g}"


def rate(value: float) -> str:
    """A learning rate: two significant digits."""
    return f"{value:.2g}"


def times(ratio: float) -> str:
    """A ratio: two significant digits, whole from ten on."""
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}"


def share(length: float) -> str:
    """A length in parts of the full run."""
    if length >= 0.95:
        return "the full run"
    parts = 2 ** round(math.log2(1 / length))
    if abs(parts * length - 1.0) > 0.12:
        return f"{length:.0%} of the run"
    return f"1/{parts} of the run"


def names(items: Iterable[str], most: int = 3) -> str:
    """A short list, cut after ``most``."""
    all_ = list(items)
    rest = len(all_) - most
    return ", ".join(all_[:most]) + (f" and {rest} more" if rest > 0 else "")
