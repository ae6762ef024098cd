"""Smoothing and thinning of series, with the standard library only."""

import math
from collections.abc import Sequence
from itertools import accumulate


def trailing_mean(values: Sequence[float], window: int | None = None) -> list[float]:
    """Mean over the finite ones of the last ``window`` values (a twentieth of them if None); NaN where there is none.

    A window is the end of one block and the beginning of the next. Block sums are only added to, so that a huge
    value leaves no rounding error behind once it has left the window.
    """
    size = window or max(3, len(values) // 20)
    result: list[float] = []
    ending, count = [0.0] * (size + 1), [0] * (size + 1)
    for start in range(0, len(values), size):
        block = values[start : start + size]
        there = [math.isfinite(value) for value in block]
        known = [value if finite else 0.0 for value, finite in zip(block, there, strict=True)]
        sums = map(sum, zip(accumulate(known), ending[1:], strict=False))
        counts = map(sum, zip(accumulate(there), count[1:], strict=False))
        means = [total / many if finite else math.nan
                 for total, many, finite in zip(sums, counts, there, strict=True)]  # fmt: skip
        result += [mean if math.isfinite(mean) else math.nan for mean in means]
        ending = [*accumulate(reversed(known), initial=0.0)][::-1]
        count = [*accumulate(reversed(there), initial=0)][::-1]
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
    """At most ``most`` evenly spaced indices below ``length``, including the first and the last."""
    if length <= most:
        return list(range(length))
    return sorted({round(i * (length - 1) / (most - 1)) for i in range(most)})
