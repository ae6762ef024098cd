"""Comparison of several runs: which knob differed, what is beyond noise, which comparison is unfair."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Literal

from advisor.app.read.groups import Group, groups
from advisor.app.read.results import Result, objective, result
from advisor.app.read.unfair import unfair
from advisor.logs.evidence import RunEvidence
from advisor.logs.run import Value
from advisor.logs.schedule import Schedule
from advisor.schema.base import Setting
from advisor.schema.reading import KnobAnswer, KnobValue, Ranked, ReadComparison
from advisor.utils.numbers import number

Beyond = Literal["beyond", "inside", "unknown"]
_TIMES = 2.0
_OUTLIER = 8.0
_MOST_ANSWERS, _MOST_NAMES = 40, 4
_SHORT = 0.9  # runs shorter than this share of the longest are excluded from means


def compare(runs: Sequence[RunEvidence]) -> tuple[list[ReadComparison], list[str]]:
    """Comparisons of all groups, and the names of runs that are not comparable."""
    usable = [run for run in runs if run.main is not None]
    found, alone = groups(usable)
    return [_compare(group) for group in found], [run.run.name for run in alone]


def _compare(group: Group) -> ReadComparison:
    by, words = objective(group.runs)
    if not by:
        return ReadComparison(
            why=group.why, objective="nothing in common", runs=(), ranking=(), noise=math.nan, noise_text="",
            knobs=(), unfair=(), notes=(),
        )  # fmt: skip
    results = sorted((result(run, by) for run in group.runs), key=lambda item: item.cost)
    return compared(group.why, words, results, {run.run.name: run.schedule for run in group.runs})


def compared(why: str, words: str, results: list[Result], schedules: Mapping[str, Schedule]) -> ReadComparison:
    """Compares results (best first): the effect of each setting, the noise, and what is unfair."""
    results = [replace(item, knobs=knobs) for item, knobs in zip(results, _snapped(results), strict=True)]
    knobs = varying(results)
    strange, notes = _strange(results, knobs)
    sound = [item for item in results if item.name not in strange]
    noise, said = _noise(sound, knobs)
    longest = max((item.length for item in sound), default=0.0)
    full = [item for item in sound if item.length >= _SHORT * longest]
    answers = [answer for knob in knobs for answer in _answers(knob, knobs, full, noise)]
    return ReadComparison(
        why=why,
        objective=words,
        runs=tuple(item.name for item in results),
        ranking=tuple(map(_ranked, results)),
        noise=noise,
        noise_text=said,
        knobs=tuple(answers[:_MOST_ANSWERS]),
        unfair=unfair(sound, knobs, schedules),
        notes=(*notes, *_orders(results)),
    )


def _ranked(result: Result) -> Ranked:
    return Ranked(
        name=result.name,
        value=result.value,
        metric=result.metric,
        settings={**result.knobs},
        length=result.length,
        axis=result.axis,
        seconds=result.seconds,
        seconds_per_epoch=result.seconds_per_epoch,
    )


def _orders(results: Sequence[Result]) -> list[str]:
    """A note if the metric ranks another run first than the loss."""
    known = [item for item in results if math.isfinite(item.metric)]
    if len(known) < 2 or len(known) < len(results) or not results[0].metric_name:
        return []
    higher = results[0].metric_higher
    first = max(known, key=lambda item: item.metric if higher else -item.metric)
    if first.metric == results[0].metric:
        return []
    return [
        f"by {first.metric_name} {first.name} is first ({number(first.metric)}; {results[0].name} has "
        f"{number(results[0].metric)}): loss and metric disagree"
    ]


def _snapped(results: Sequence[Result]) -> list[dict[str, Value]]:
    """Settings, with rates within 5 % of each other (sampled peaks) made equal."""
    rates = sorted({rate for item in results if isinstance(rate := item.knobs.get("lr"), float)}, reverse=True)
    same: dict[float, float] = {}
    for rate in rates:
        near = next((kept for kept in same.values() if rate >= 0.95 * kept > 0), rate)
        same[rate] = near
    return [
        {name: same.get(v, v) if name == "lr" and isinstance(v, float) else v for name, v in item.knobs.items()}
        for item in results
    ]


def varying(results: Sequence[Result]) -> list[str]:
    """Settings that all runs have and that differ between them."""
    names = set.intersection(*(set(item.knobs) for item in results))
    return sorted(name for name in names if len({str(item.knobs[name]) for item in results}) > 1)


def _key(item: Result, knobs: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(item.knobs[name]) for name in knobs)


def _repeats(results: Sequence[Result], knobs: Sequence[str]) -> list[list[Result]]:
    """Runs with the same settings and about the same length."""
    sets: dict[tuple[str, ...], list[Result]] = defaultdict(list)
    for item in results:
        if item.knobs:
            sets[_key(item, knobs)].append(item)
    kept = []
    for members in sets.values():
        longest = max(item.length for item in members)
        kept.append([item for item in members if item.length >= 0.9 * longest])
    return [members for members in kept if len(members) > 1]


def _strange(results: Sequence[Result], knobs: Sequence[str]) -> tuple[set[str], list[str]]:
    """Repeats that lie far from the others: an unlogged setting differed."""
    strange: set[str] = set()
    notes = []
    for members in _repeats(results, knobs):
        if len(members) < 3:
            continue
        middle = sorted(members, key=lambda item: item.cost)[(len(members) - 1) // 2]
        spread = sorted(abs(item.cost - middle.cost) for item in members)[len(members) // 2]
        for item in members:
            if abs(item.cost - middle.cost) > _OUTLIER * max(spread, item.noise):
                names = [other.name for other in members if other is not item]
                others = ", ".join(names[:_MOST_NAMES])
                others += f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
                strange.add(item.name)
                notes.append(
                    f"{item.name} has the same logged settings as {others}, but {number(item.value)} where they have "
                    f"about {number(middle.value)}: something unlogged differed; it is excluded from the noise"
                )
    return strange, notes


def _noise(results: Sequence[Result], knobs: Sequence[str]) -> tuple[float, str]:
    sets = _repeats(results, knobs)
    pairs = [(a, b) for members in sets for a, b in combinations(members, 2)]
    if not pairs:
        return math.nan, "no run was repeated, so the noise between seeds is unknown"
    noise = math.sqrt(sum((a.cost - b.cost) ** 2 for a, b in pairs) / len(pairs) / 2.0)
    runs = sum(map(len, sets))
    return noise, f"noise {number(noise)} between repeats ({runs} runs with the same logged settings)"


def _answers(knob: str, knobs: Sequence[str], results: Sequence[Result], noise: float) -> list[KnobAnswer]:
    others = [name for name in knobs if name != knob]
    blocks: dict[tuple[str, ...], list[Result]] = defaultdict(list)
    for item in results:
        blocks[_key(item, others)].append(item)
    found = []
    for members in blocks.values():
        by_value: dict[str, list[Result]] = defaultdict(list)
        for item in members:
            by_value[str(item.knobs[knob])].append(item)
        if len(by_value) > 1:
            fixed = {name: members[0].knobs[name] for name in others}
            found.append(_answer(knob, fixed, list(by_value.values()), noise))
    return found


def _answer(knob: str, fixed: dict[str, Value], sets: list[list[Result]], noise: float) -> KnobAnswer:
    means = sorted(((sum(i.cost for i in members) / len(members), members) for members in sets), key=lambda m: m[0])
    (first, best), (second, next_) = means[0], means[1]
    difference = second - first
    looks = max(item.noise for item in (*best, *next_))
    beyond: Beyond
    if math.isfinite(noise):
        limit = _TIMES * noise * math.sqrt(1.0 / len(best) + 1.0 / len(next_))
        beyond, how = (
            ("beyond" if difference > limit else "inside"),
            f"{{}} the noise between repeats ({number(noise)})",
        )
    elif difference <= _TIMES * looks:
        beyond, how = "inside", f"{{}} the noise between evaluations ({number(looks)})"
    else:
        beyond, how = "unknown", "one run each, so it is unknown whether seeds alone explain it"
    sign = 1.0 if best[0].value == best[0].cost else -1.0
    values = tuple(
        KnobValue(value=members[0].knobs[knob], runs=tuple(item.name for item in members), mean=sign * mean)
        for mean, members in means
    )
    table = ", ".join(
        f"{shown(item.value)}: {number(item.mean)}{f' ({len(item.runs)} runs)' if len(item.runs) > 1 else ''}"
        for item in values
    )
    at = " at " + ", ".join(f"{name} {shown(value)}" for name, value in fixed.items()) if fixed else ""
    text = f"{knob}{at}: {table}; {shown(values[0].value)} is ahead by {number(difference)}, {how.format(beyond)}"
    return KnobAnswer(knob=knob, fixed={**fixed}, values=values, difference=difference, verdict=beyond, text=text)


def shown(value: Setting) -> str:
    """A setting as text."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
