"""Merges files that recorded the same run: a table beside its event file, a state beside its JSON lines."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from advisor.logs.names import part
from advisor.logs.run import Column, Run

_LEAST = 2  # number of values that must be equal


def unite(runs: Sequence[Run]) -> list[Run]:
    """The runs, with those in one folder that logged the same values merged."""
    by_folder: dict[Path, list[Run]] = defaultdict(list)
    for run in runs:
        by_folder[_home(run)].append(run)
    dropped: dict[int, Run] = {}
    for members in by_folder.values():
        ordered = sorted(members, key=_richness, reverse=True)
        for index, kept in enumerate(ordered):
            if id(kept) in dropped:
                continue
            for other in ordered[index + 1 :]:
                if id(other) not in dropped and other.kind != kept.kind and _same(kept, other):
                    dropped[id(other)] = kept
    charts = _charts([run for run in runs if id(run) not in dropped])
    also: dict[int, list[str]] = defaultdict(list)
    for run in runs:
        if id(run) in dropped:
            also[id(dropped[id(run)])].append(Path(run.source).name)
    made = []
    for run in charts:
        others = also.get(id(run), [])
        made.append(replace(run, notes=(*run.notes, f"also recorded in {', '.join(others[:3])}")) if others else run)
    return made


def _home(run: Run) -> Path:
    source = Path(run.source)
    return source if source.is_dir() else source.parent


def _richness(run: Run) -> tuple[int, int, int]:
    curves = [item for item in run.columns if part(item.name) is not None]
    return len({part(item.name).role for item in curves}), len(curves), sum(len(item.x) for item in curves)  # type: ignore[union-attr]


def _same(one: Run, other: Run) -> bool:
    """Whether two recordings contain the same values of a loss or metric."""
    for mine in one.columns:
        known = part(mine.name)
        if known is None or known.role == "lr":
            continue
        for theirs in other.columns:
            match = part(theirs.name)
            if match is not None and match.role == known.role and _equal(mine, theirs):
                return True
    return False


def _equal(one: Column, other: Column) -> bool:
    """Whether the shorter of two series occurs in the longer one up to rounding; constant series do not count."""
    short, long = sorted((np.asarray(one.y), np.asarray(other.y)), key=lambda values: values.size)
    if short.size < _LEAST or not np.all(np.isfinite(short)) or np.ptp(short) == 0.0:
        return False
    if short.size < 0.5 * long.size:
        return False
    tolerance = 1e-3 * float(np.ptp(short)) + 1e-4 * float(np.max(np.abs(short)))
    for start in range(long.size - short.size + 1):
        if abs(long[start] - short[0]) <= tolerance and np.allclose(
            long[start : start + short.size], short, atol=tolerance, rtol=1e-4
        ):
            return True
    return False


def _charts(runs: Sequence[Run]) -> list[Run]:
    """Merges charts of one series each by the name of their run."""
    made: list[Run] = []
    open_: dict[tuple[Path, str], int] = {}
    for run in runs:
        key = (_home(run), run.name)
        if run.kind == "chart" and key in open_:
            at = open_[key]
            known = {item.name for item in made[at].columns}
            new = tuple(item for item in run.columns if item.name not in known)
            made[at] = replace(made[at], columns=(*made[at].columns, *new))
            continue
        if run.kind == "chart":
            open_[key] = len(made)
        made.append(run)
    return made
