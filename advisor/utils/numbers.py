"""Numbers as text: losses, rates, ratios, differences, counts, durations, run lengths."""

import math
from collections.abc import Iterable

NONE = "–"
"""Shown in place of a missing number."""


def number(value: float | None, digits: int = 3) -> str:
    """A number with ``digits`` significant digits in PyTorch notation (1e-5); a dash if it is missing."""
    if value is None:
        return NONE
    if isinstance(value, int) and not 10**9 <= abs(value) < 10**300:
        return str(value)
    if not math.isfinite(value):
        return str(float(value))
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 10**6:
        places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        return _minus(_without_zeros(f"{value:.{places}f}"))
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{_minus(_without_zeros(mantissa))}e{int(exponent)}"


def _without_zeros(shown: str) -> str:
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _minus(shown: str) -> str:
    return shown.replace("-", "−")


def rate(value: float) -> str:
    """A learning rate: two significant digits."""
    return number(float(value), 2)


def times(ratio: float) -> str:
    """A ratio: two significant digits, whole from ten on."""
    return f"{ratio:.0f}" if ratio >= 10 else number(float(ratio), 2)


def fixed(value: float | None, digits: int = 4) -> str:
    """A measured value with trailing zeros, so that columns line up; a dash if it is not finite."""
    if value is None or not math.isfinite(value):
        return NONE
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        return number(float(value), digits)
    whole = len(str(int(abs(value))))
    return _minus(f"{value:.{max(0, digits - (whole if abs(value) >= 1 else 0))}f}")


def signed(value: float | None) -> str:
    """A difference with its sign."""
    return NONE if value is None else ("+" if value > 0 else "") + number(float(value), 2)


def count(value: float | None) -> str:
    """A whole number with thin spaces between thousands."""
    return NONE if value is None else f"{value:,.0f}".replace(",", "\u202f")


def duration(seconds: float | None) -> str:
    """Seconds as a readable duration."""
    if seconds is None:
        return NONE
    if seconds < 120:
        return f"{number(float(seconds), 2 if seconds < 10 else 3)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def length(share_of_run: float | None) -> str:
    """A share of the full run: ``1/16`` where it is near a simple fraction, otherwise in percent."""
    if share_of_run is None:
        return NONE
    known = float(share_of_run)
    if 0 < known < 1 and abs(1 / known - round(1 / known)) < 0.005 / known and 1 / known < 200:
        return f"1/{round(1 / known)}"
    if 0 < known < 0.95:
        parts = 2 ** round(math.log2(1 / known))
        return f"1/{parts}" if abs(parts * known - 1) <= 0.12 else f"{known:.0%}"
    return number(known, 3)


def share(length_of_run: float) -> str:
    """A length as a part of the full run, in words."""
    return "the full run" if length_of_run >= 0.95 else f"{length(length_of_run)} of the run"


def names(items: Iterable[str], most: int = 3) -> str:
    """A comma-separated list, cut after ``most`` items."""
    all_ = list(items)
    rest = len(all_) - most
    return ", ".join(all_[:most]) + (f" and {rest} more" if rest > 0 else "")
