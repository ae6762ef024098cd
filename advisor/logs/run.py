"""One recorded run: logged columns, settings and source."""

import math
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from advisor.fits.smoothing import Floats
from advisor.logs.paradigm import Paradigm

MOST_POINTS = 20_000
"""Maximum number of points per column; longer columns are averaged in groups."""
_STRAY_GAP, _STRAY_POINTS = 0.3, 2
Value = float | str | bool


@dataclass(frozen=True, slots=True)
class Column:
    """One logged series.

    Attributes:
        name: Name in the file.
        x: Increasing positions, in the unit of the run's axis.
        y: Values; NaN and infinity where logged.
        wall: Wall-clock seconds of the points; empty if not logged.
        group: Number of logged points averaged into one.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    wall: tuple[float, ...] = ()
    group: int = 1

    @property
    def finite(self) -> tuple[Floats, Floats]:
        """Positions and values of the finite points."""
        x, y = np.asarray(self.x), np.asarray(self.y)
        keep = np.isfinite(y)
        return x[keep], y[keep]


@dataclass(frozen=True, slots=True)
class Run:
    """A recorded run.

    Attributes:
        name: Unique among the runs read together.
        source: File or folder it was read from.
        kind: Format of the log.
        axis: Unit of x: ``step``, ``epoch`` or ``row``.
        columns: All numeric series.
        settings: Logged hyper-parameters by name.
        epochs: Epochs trained; NaN if unknown.
        notes: What was left out or repaired while reading.
        paradigm: Kind of training, which determines whether its losses measure quality.
    """

    name: str
    source: str
    kind: str
    axis: Literal["step", "epoch", "row"]
    columns: tuple[Column, ...]
    settings: tuple[tuple[str, Value], ...] = ()
    epochs: float = math.nan
    notes: tuple[str, ...] = field(default=())
    paradigm: Paradigm = "supervised"

    def named(self, name: str) -> "Run":
        """A copy with another name."""
        return replace(self, name=name)

    def setting(self, name: str) -> Value | None:
        """One hyper-parameter; None if it was not logged."""
        return dict(self.settings).get(name)


def column(name: str, x: Floats, y: Floats, wall: Floats | None = None) -> tuple[Column | None, tuple[str, ...]]:
    """A clean column from raw points: increasing positions, no stray last rows, a bounded number of points.

    A position that decreases is a resumed run: the points beyond it are replaced.

    Returns:
        The column (None if it is empty), and notes on the changes.
    """
    notes: list[str] = []
    keep = np.isfinite(x)
    x, y = x[keep], y[keep]
    wall = wall[keep] if wall is not None else None
    if x.size > 1 and not np.all(np.diff(x) > 0):
        if np.all(np.diff(x) >= 0) and np.count_nonzero(np.diff(x) == 0) >= 0.5 * x.size:
            x = _spread(x)
        else:
            index = _resumed(x)
            if np.any(np.diff(x) < 0):
                notes.append(f"{name}: steps decrease; the later part of a resumed run is used")
            x, y = x[index], y[index]
            wall = wall[index] if wall is not None else None
    size = x.size - _stray(x)
    if size < x.size:
        notes.append(f"{name}: {x.size - size} stray row(s) far beyond the others left out")
        x, y, wall = x[:size], y[:size], wall[:size] if wall is not None else None
    if not x.size:
        return None, tuple(notes)
    group = math.ceil(x.size / MOST_POINTS)
    if group > 1:
        notes.append(f"{name}: {x.size} points averaged by {group}")
        x, y = _means(x, group), _means(y, group)
        wall = _means(wall, group) if wall is not None else None
    times = tuple(wall.tolist()) if wall is not None else ()
    return Column(name, tuple(x.tolist()), tuple(y.tolist()), times, group), tuple(notes)


def _means(values: Floats, group: int) -> Floats:
    with np.errstate(invalid="ignore", over="ignore"):
        starts = np.arange(0, values.size, group)
        sums = np.add.reduceat(values, starts)
        return np.asarray(sums / np.diff(np.append(starts, values.size)))


def _spread(x: Floats) -> Floats:
    """Spreads points that share a position (several rows per epoch) evenly up to the next."""
    unique, first, counts = np.unique(x, return_index=True, return_counts=True)
    within = np.arange(x.size) - np.repeat(first, counts)
    step = np.diff(unique, append=unique[-1] + (unique[-1] - unique[0]) / max(1, unique.size - 1 or 1) + 1e-9)
    if unique.size == 1:
        step = np.ones(1)
    return np.asarray(np.repeat(unique, counts) + within / np.repeat(counts, counts) * np.repeat(step, counts))


def _resumed(x: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Mask of points that no later point replaces: those below every later position."""
    later = np.minimum.accumulate(x[::-1])[::-1]
    return np.append(x[:-1] < later[1:], True)


def _stray(x: Floats) -> int:
    """Number of last points beyond a gap of a third of the run (a leftover row of a later log)."""
    if x.size < 20:
        return 0
    gaps = np.diff(x)[-_STRAY_POINTS:]
    span = x[-_STRAY_POINTS - 1] - x[0]
    wide = np.flatnonzero(gaps > _STRAY_GAP * span)
    return int(gaps.size - wide[0]) if wide.size else 0
