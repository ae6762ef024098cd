"""The input of the rules over logs: a run's curves by role, averaged to a bounded size."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from advisor.fits.smoothing import bin_means
from advisor.fits.trend import fell, noise_of, smooth
from advisor.logs.measures import tokens
from advisor.logs.names import UNSAID, Part, Role
from advisor.logs.paradigm import Paradigm, declined
from advisor.logs.roles import pick
from advisor.logs.run import Column, Run
from advisor.logs.schedule import Schedule, recognise

BINS = 60
_EARLY = 3  # values by which the scales of two losses are compared
_ANOTHER_SCALE = 8.0
_AROUND, _FOLLOWS = 0.1, 0.2
_ROLES: dict[Paradigm, tuple[tuple[Role, str], ...]] = {
    "supervised": (("train_loss", "train"), ("val_loss", "val"), ("val_metric", "metric"),
                   ("train_metric", "train_metric")),
    "adversarial": (("val_metric", "metric"),),
    "reinforcement": (("return", "metric"),),
}  # fmt: skip
_AS_OFTEN = 0.9
_EVALUATED = {"metrics", "map", "map50", "map50_95", "map75", "ap", "ap50", "ap75", "bleu", "wer", "cer", "rouge",
              "rougel", "fid", "ndcg", "mrr", "hits", "hella", "hellaswag", "mmlu", "eer"}  # fmt: skip
_QUALITY = {"fid", "kid", "inception", "psnr", "ssim", "lpips", "wer", "miou", "iou", "dice", "msssim", "pesq", "stoi"}
"""Metrics that evaluate the output of a generator."""


_KEPT = 4096  # size of the cache: every rule asks a curve the same few questions


@lru_cache(maxsize=_KEPT)
def _noise(y: tuple[float, ...]) -> float:
    return noise_of(y)


@lru_cache(maxsize=_KEPT)
def _fall(cost: tuple[float, ...]) -> float:
    return fell(cost)


@lru_cache(maxsize=_KEPT)
def _reach(y: tuple[float, ...]) -> float:
    return float(np.ptp(smooth(y))) if y else 0.0


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve, averaged to at most ``BINS`` points.

    Attributes:
        name: The column's name.
        x: Mean position of each group as a share of the run, from 0 to 1.
        y: Mean of the finite values of each group.
        raw: All finite values, unaveraged.
        at: Positions of ``raw`` as shares of the run.
        higher_is_better: Direction.
        broken: Whether the column ends in non-finite values.
        scattered: Number of other non-finite values.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    raw: tuple[float, ...]
    at: tuple[float, ...]
    higher_is_better: bool = False
    broken: bool = False
    scattered: int = 0

    @property
    def cost(self) -> tuple[float, ...]:
        """The values as costs (lower is better)."""
        return tuple(-value for value in self.y) if self.higher_is_better else self.y

    @property
    def noise(self) -> float:
        """Standard deviation of one (averaged) value."""
        return _noise(self.y)

    @property
    def fall(self) -> float:
        """Decrease of the cost beyond noise; 0 if there is none."""
        return _fall(self.cost)

    @property
    def reach(self) -> float:
        """Range of the curve without single spikes."""
        return _reach(self.y)

    @property
    def best(self) -> tuple[float, float]:
        """Position (share of the run) and value of the best single measurement."""
        values = np.asarray(self.raw)
        index = int(np.argmax(values) if self.higher_is_better else np.argmin(values))
        return self.at[index], float(values[index])

    @property
    def final(self) -> float:
        """Median of the last measurements: a twentieth of them, three at most."""
        return float(np.median(self.raw[-max(1, min(3, len(self.raw) // 20)) :]))

    def part(self, low: float, high: float = 1.0) -> tuple[float, ...]:
        """Values from ``low`` to ``high`` of the run."""
        return tuple(value for place, value in zip(self.x, self.y, strict=True) if low <= place <= high)

    def level(self, low: float, high: float = 1.0) -> float:
        """Median over a part of the run; NaN if that part is empty."""
        values = self.part(low, high)
        return float(np.median(values)) if values else math.nan


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """A run with its curves by role; None where the run has no such column.

    Attributes:
        run: The run.
        schedule: Schedule of its learning rate.
        train: Training loss.
        val: Validation loss.
        metric: Validation metric, or the return of an agent.
        train_metric: Training metric.
        val_in_part: Whether only terms of the validation loss were logged.
        metric_unsaid: Whether the metric's name does not tell which data it was measured on.
        lost: Names of losses and metrics that were logged but never finite.
    """

    run: Run
    schedule: Schedule
    train: Curve | None = None
    val: Curve | None = None
    metric: Curve | None = None
    train_metric: Curve | None = None
    val_in_part: bool = False
    metric_unsaid: bool = False
    lost: tuple[str, ...] = ()

    @property
    def main(self) -> Curve | None:
        """The curve that ranks the run: validation loss, else the metric, else the training loss.

        If only terms of a loss were logged, the metric takes precedence: it is unknown which terms matter.
        """
        if self.metric is not None and self.val_in_part:
            return self.metric
        return self.val or self.metric or self.train

    @property
    def declined(self) -> str:
        """Why the run cannot be judged from its log; empty if it can."""
        return declined(self.run.paradigm) if self.main is None else ""

    @property
    def comparable(self) -> bool:
        """Whether training and validation loss are on one scale (not a sum over batches against a mean).

        Losses on different scales both fall by a large part of their start: a validation loss that lies far above the
        training loss and does not fall is on the same scale, but bad.
        """
        if self.train is None or self.val is None:
            return False
        first, start = float(np.median(self.val.y[:_EARLY])), float(np.median(self.val.x[:_EARLY]))
        there = self.train.level(start - _AROUND, start + _AROUND)
        early = first, there if math.isfinite(there) else float(np.median(self.train.y[:_EARLY]))
        if min(early) <= 0.0 or self.val.fall < _FOLLOWS * first:
            return True
        return max(early) / min(early) < _ANOTHER_SCALE

    def has(self, name: str) -> bool:
        """Whether the run has a rate, or such a curve with at least four points."""
        if name == "lr":
            return self.schedule.kind != "unknown"
        curve = getattr(self, name)
        return curve is not None and len(curve.y) >= 4


def evidence_of(run: Run) -> RunEvidence:
    """Finds the curves of a run."""
    start, end = _span(run.columns)
    hits = {name: pick(run.columns, role) for role, name in _ROLES[run.paradigm]}
    if run.paradigm == "adversarial":
        metric = hits["metric"]
        hits["metric"] = metric if metric is not None and set(tokens(metric[0].name)) & _QUALITY else None
    if run.paradigm == "supervised" and hits["train"] is None:
        stand_in = pick(run.columns, "train_metric")
        hits["train"] = stand_in if stand_in is not None and stand_in[1].error else None
    found = {name: _curve(hit[0], start, end, hit[1].higher_is_better) for name, hit in hits.items() if hit is not None}
    lost = tuple(hits[name][0].name for name, curve in found.items() if curve is None)  # type: ignore[index]
    part_only = hits.get("val") is not None and hits["val"][1].part  # type: ignore[index]
    rate = pick(run.columns, "lr")
    schedule = recognise(*rate[0].finite) if rate else Schedule()
    return RunEvidence(run, schedule, **found, val_in_part=part_only, metric_unsaid=_unsaid(hits), lost=lost)


def _unsaid(hits: Mapping[str, tuple[Column, Part] | None]) -> bool:
    """Whether a metric without a split in its name was logged as often as the training loss: it may be of either.

    Metrics that are logged less often, or are evaluations by nature (mAP, BLEU), count as held-out.
    """
    train, metric = hits.get("train"), hits.get("metric")
    if train is None or metric is None or metric[1].role == "return" or metric[1].rank < UNSAID - 5.0:
        return False
    return len(metric[0].x) >= _AS_OFTEN * len(train[0].x) and not set(tokens(metric[0].name)) & _EVALUATED


def _span(columns: Sequence[Column]) -> tuple[float, float]:
    used = [item for item in columns if len(item.x) > 1] or [item for item in columns if item.x]
    if not used:
        return 0.0, 1.0
    return (0.0 if min(item.x[0] for item in used) >= 0 else min(item.x[0] for item in used)), max(
        item.x[-1] for item in used
    )


def _curve(item: Column, start: float, end: float, higher: bool) -> Curve | None:
    x, y = np.asarray(item.x), np.asarray(item.y)
    finite = np.isfinite(y) & (np.abs(y) < 1e100)
    if not np.any(finite):
        return None
    last = int(np.flatnonzero(finite)[-1])
    bad = int(np.count_nonzero(~finite))
    broken = y.size - 1 - last >= max(1, min(3, y.size // 20))
    x, y = x[finite], y[finite]
    share = (x - start) / (end - start) if end > start else np.zeros(x.size)
    places, values = bin_means(share.tolist(), y.tolist(), BINS)
    return Curve(
        item.name, tuple(places.tolist()), tuple(values.tolist()), tuple(y.tolist()), tuple(share.tolist()), higher,
        broken, bad - (len(item.y) - 1 - last if broken else 0),
    )  # fmt: skip
