"""Unfair comparisons and their reasons; batch sizes are compared at equal time."""

import math
from collections.abc import Mapping, Sequence

from advisor.app.read.results import Result
from advisor.logs.schedule import Schedule
from advisor.utils.numbers import number

_SAME_LENGTH, _SAME_EXAMPLES = 0.9, 0.85
_MOST = 6


def unfair(results: Sequence[Result], knobs: Sequence[str], schedules: Mapping[str, Schedule]) -> tuple[str, ...]:
    """Sentences about lengths, batch sizes, schedules and knobs that changed together."""
    said = [*_lengths(results, schedules), *_batches(results, knobs), *_schedules(results, schedules)]
    return (*said, *_together(results, knobs))


def _lengths(results: Sequence[Result], schedules: Mapping[str, Schedule]) -> list[str]:
    said = []
    longest = max((item.length for item in results), default=0.0)
    short = [] if _same_examples(results) else [item for item in results if item.length < _SAME_LENGTH * longest]
    if short:
        names = ", ".join(f"{item.name} ({item.length / longest:.0%})" for item in short[:_MOST])
        said.append(
            f"unequal length: {names} of the longest run's {longest:.6g} {results[0].axis}s. A shorter run that is "
            "worse may only be shorter; one that is better really is"
        )
    cut = [item.name for item in results if item.name in schedules and schedules[item.name].unfinished]
    if cut:
        said.append(f"{', '.join(cut[:_MOST])}: ended inside the cycle, before the rate came down, which matters")
    return said


def _same_examples(results: Sequence[Result]) -> bool:
    """Whether runs with different batch sizes saw about the same number of examples."""
    if any(item.axis != "step" or not _is_number(item.knobs.get("batch_size")) for item in results):
        return False
    seen = [item.length * float(item.knobs["batch_size"]) for item in results]
    return bool(seen) and min(seen) >= _SAME_EXAMPLES * max(seen)


def _batches(results: Sequence[Result], knobs: Sequence[str]) -> list[str]:
    """One sentence for each set of runs that differ only in batch size."""
    if "batch_size" not in knobs:
        return []
    others = [name for name in knobs if name != "batch_size"]
    blocks: dict[tuple[str, ...], list[Result]] = {}
    for item in results:
        blocks.setdefault(tuple(str(item.knobs[name]) for name in others), []).append(item)
    said = [line for members in blocks.values() for line in _of_sizes(members)]
    return list(dict.fromkeys(said)) or _of_sizes(results)


def _of_sizes(results: Sequence[Result]) -> list[str]:
    sizes = sorted({float(item.knobs["batch_size"]) for item in results if _is_number(item.knobs["batch_size"])})
    if len(sizes) < 2:
        return []
    listed = ", ".join(f"{size:g}" for size in sizes)
    equal = "examples" if _same_examples(results) else f"{results[0].axis}s"
    said = [
        f"batch sizes {listed} at equal {equal}: the largest made {sizes[-1] / sizes[0]:.3g} times fewer "
        "steps per epoch than the smallest, which favours small batches at equal epochs and large ones at equal steps; "
        "compare at equal time (BS008)"
    ]
    return said + equal_time(results)


def equal_time(results: Sequence[Result]) -> list[str]:
    """Seconds per epoch by batch size, and the best result of each within the time of the fastest run."""
    timed = [item for item in results if _is_number(item.knobs.get("batch_size"))]
    sizes: dict[float, list[Result]] = {}
    for item in timed:
        sizes.setdefault(float(item.knobs["batch_size"]), []).append(item)
    rows = []
    for size, members in sorted(sizes.items()):
        seconds = [item.seconds_per_epoch for item in members if math.isfinite(item.seconds_per_epoch)]
        rows.append(f"{size:g}: {number(_mean(seconds))} s" if seconds else f"{size:g}: unknown")
    said = ["time per epoch by batch size (mean): " + ", ".join(rows)] if any("s" in row[-1] for row in rows) else []
    clocked = [item for item in timed if item.looks]
    if len({item.knobs["batch_size"] for item in clocked}) < 2:
        return said
    limit = min(item.seconds for item in clocked)
    sign = 1.0 if clocked[0].value == clocked[0].cost else -1.0
    ends = []
    for size, members in sorted(sizes.items()):
        costs = [item.at(limit) for item in members if item.looks and math.isfinite(item.at(limit))]
        if costs:
            ends.append(f"{size:g}: {number(sign * min(costs))}")
    return [*said, f"at equal time ({number(limit)} s, the fastest run) the best is " + ", ".join(ends)]


def _schedules(results: Sequence[Result], schedules: Mapping[str, Schedule]) -> list[str]:
    kinds = sorted({schedules[item.name].kind for item in results if item.name in schedules})
    if len(kinds) < 2:
        return []
    return [f"different schedules ({', '.join(kinds)}): runs whose rate has not come down are at a disadvantage"]


def _together(results: Sequence[Result], knobs: Sequence[str]) -> list[str]:
    """Runs that differ from the best one in several knobs at once."""
    if not results or not knobs:
        return []
    best = results[0]
    said = []
    for item in results[1:]:
        changed = [name for name in knobs if str(best.knobs[name]) != str(item.knobs[name])]
        if len(changed) > 1:
            said.append(f"{item.name} ({', '.join(changed)})")
    if not said:
        return []
    more = f" and {len(said) - _MOST} more" if len(said) > _MOST else ""
    return [
        f"more than one knob differs from {best.name} in " + "; ".join(said[:_MOST]) + more
        + ": the difference cannot be attributed to one of them"
    ]  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _is_number(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value) and value > 0
