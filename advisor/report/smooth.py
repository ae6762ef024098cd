"""Smoothing and thinning of series, with nothing but the standard library."""

import math
from collections.abc import Sequence


def trailing_mean(values: Sequence[float], window: int | None = None) -> list[float]:
    """Mean over the last ``window`` finite values (a twentieth of them if None); NaN where there is none."""
    size = window or max(3, len(values) // 20)
    result: list[float] = []
    total, known = 0.0, 0
    for index, value in enumerate(values):
        if math.isfinite(value):
            total, known = total + value, known + 1
        if index >= size and math.isfinite(values[index - size]):
            total, known = total - values[index - size], known - 1
        result.append(total / known if known and math.isfinite(value) else math.nan)
    return result


def latest(steps: Sequence[float], values: Sequence[float], at: Sequence[float]) -> list[float]:
    """For each of ``at``, the last value at or before it, else NaN; both step columns ascend."""
    result: list[float] = []
    index = -1
    for step in at:
        while index + 1 < len(steps) and steps[index + 1] <= step:
            index += 1
        result.append(values[index] if 0 <= index < len(values) else math.nan)
    return result


def thin(length: int, most: int) -> list[int]:
    """At most ``most`` evenly spread indices below ``length``, the first and the last among them."""
    if length <= most:
        return list(range(length))
    return sorted({round(i * (length - 1) / (most - 1)) for i in range(most)})
