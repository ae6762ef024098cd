"""Recognises the learning-rate schedule from a logged rate, and the phase in which the run ended."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from advisor.fits.smoothing import Floats

Kind = Literal["unknown", "constant", "steps", "decay", "cycle", "cycles"]
_SAME = 0.02
_LOW = 0.1
_PLACES = 400  # number of rates used to recognise a schedule
_MOST_STEPS, _STEEP = 10, 0.25
_WARM_UP = 0.25  # a shorter rise before a decay, as a share of the run, is a warm-up


@dataclass(frozen=True, slots=True)
class Schedule:
    """A recognised learning-rate schedule.

    Attributes:
        kind: ``unknown`` (no rate was logged), ``constant``, ``steps`` (a few drops), ``decay`` (falls throughout, with
            or without a warm-up), ``cycle`` (one rise and fall), ``cycles`` (several).
        peak: Largest rate; NaN if unknown.
        last: Last rate.
        low_from: Share of the run after which the rate stays at or below a tenth of its peak; 1 if never.
        falling_from: Share of the run after which the rate never rises again.
        period: Length of one cycle as a share of the run; NaN unless there are several.
    """

    kind: Kind = "unknown"
    peak: float = math.nan
    last: float = math.nan
    low_from: float = 1.0
    falling_from: float = 0.0
    period: float = math.nan

    @property
    def varies(self) -> bool:
        """Whether the rate is known to have changed."""
        return self.kind not in ("unknown", "constant")

    @property
    def annealed(self) -> bool:
        """Whether the run ended at a tenth of its peak rate or less."""
        return self.varies and self.last <= _LOW * self.peak

    @property
    def unfinished(self) -> bool:
        """Whether the run ended within a cycle, with the rate still high."""
        return self.kind in ("cycle", "cycles") and self.last > 0.3 * self.peak

    def words(self) -> str:
        """The schedule as text."""
        names = {"unknown": "rate not logged", "constant": "constant rate", "steps": "rate lowered in steps",
                 "decay": "decaying rate", "cycle": "one cycle of the rate",
                 "cycles": "several cycles of the rate"}  # fmt: skip
        peak = f", at most {self.peak:.2g}" if math.isfinite(self.peak) else ""
        return names[self.kind] + peak + (", ended inside the cycle" if self.unfinished else "")


def recognise(x: Floats, rate: Floats) -> Schedule:
    """Recognises the schedule of a logged rate (finite pairs, x increasing)."""
    if x.size < 2 or x[-1] <= x[0]:
        return Schedule()
    peak, last = float(rate.max()), float(rate[-1])
    if peak <= 0:
        return Schedule()
    place = (x - x[0]) / (x[-1] - x[0])
    if float(rate.min()) >= (1.0 - _SAME) * peak:
        return Schedule("constant", peak, last)
    above = np.flatnonzero(rate > _LOW * peak)
    low_from = float(place[min(above[-1] + 1, x.size - 1)]) if last <= _LOW * peak else 1.0
    if x.size > _PLACES:
        keep = np.unique(np.linspace(0, x.size - 1, _PLACES).round().astype(np.intp))
        place, rate = place[keep], rate[keep]
    change = np.diff(rate)
    rising = np.flatnonzero(change > 1e-3 * peak)
    falling_from = float(place[rising[-1] + 1]) if rising.size else 0.0
    kind, period = _kind(place, rate, change, peak)
    return Schedule(kind, peak, last, low_from, falling_from, period)


def _kind(place: Floats, rate: Floats, change: Floats, peak: float) -> tuple[Kind, float]:
    turns = np.sign(change[np.abs(change) > 1e-3 * peak])
    ups = _peaks(rate, peak)
    if ups.size > 1:
        return "cycles", float(np.median(np.diff(place[ups])))
    if not np.any(turns > 0):
        return ("steps" if _in_steps(rate, change, peak) else "decay"), math.nan
    top = float(place[int(np.argmax(rate))])
    if top < _WARM_UP:
        return "decay", math.nan
    return "cycle", math.nan


def _in_steps(rate: Floats, change: Floats, peak: float) -> bool:
    """Whether the rate is constant between a few large drops.

    A cosine or a line that is stepped once per epoch is piecewise constant as well, but its drops are many, or small.
    """
    falls = np.flatnonzero(change < -1e-3 * peak)
    if not falls.size or falls.size > _MOST_STEPS or falls.size > 0.34 * change.size:
        return False
    parts = -change[falls] / rate[falls]
    return bool(np.median(parts) >= _STEEP and parts[0] >= _STEEP / 2)


def _peaks(rate: Floats, peak: float) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Indices of maxima that the rate rose to, and fell from, by a fifth of the largest rate."""
    found: list[int] = []
    low, high, at = float(rate[0]), float(rate[0]), 0
    up = True
    for index, value in enumerate(rate.tolist()):
        if up:
            if value > high:
                high, at = value, index
            elif high - value > 0.2 * peak:
                found.append(at)
                up, low = False, value
        elif value < low:
            low = value
        elif value - low > 0.2 * peak:
            up, high, at = True, value, index
    if up and found and high - low > 0.2 * peak:
        found.append(at)
    return np.array(found, dtype=np.intp)
