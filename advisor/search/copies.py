"""Copies of a run on a part of its data: their size, and the settings scaled to it."""

import math
from dataclasses import dataclass, replace

from advisor.config.schedule import stretched
from advisor.config.total_decay import has_total_decay, with_total_decay
from advisor.evidence.evidence import Evidence
from advisor.evidence.transfer import LEAST_STEPS, Size, carry, full_size
from advisor.records.spec import ProbeSpec
from advisor.search.response import significant
from advisor.search.runner import ProbeRunner

LOOKS = (0.4, 0.55, 1.0)
"""Where a copy is validated: its improvement in the second part tells which limit applies to the rate."""
_FEW_LOOKS = (0.55, 1.0)
_SMALL_BUDGET = 0.7
"""Budget below which a copy is validated only twice, as each evaluation costs a fifth of it."""
_FEWEST_EXAMPLES = 400
_FEWEST_STEPS = 100
"""Copies of fewer examples or steps mislead (docs/method.md)."""
_SMALLEST_BATCH = 4
_COARSE, _FINE = 1 / 16, 1 / 8
_COARSE_COST, _MOST = 0.045, 0.155
"""Target cost of one coarse copy in full runs, and its maximum share of the budget."""


@dataclass(frozen=True, slots=True)
class CopyShape:
    """Size of a copy relative to the full run.

    Attributes:
        share: Share of the training examples.
        fraction: Fraction of the epochs.
        batch_size: Examples per step: that of the full run times the root of the share.
        steps: Optimizer steps.
    """

    share: float
    fraction: float
    batch_size: int
    steps: int

    @property
    def size(self) -> Size:
        """Batch size and steps."""
        return Size(self.batch_size, self.steps)

    @property
    def label(self) -> str:
        """Description for labels."""
        return "all data" if self.share >= 1.0 else f"{self.share:.3g} of the data"


def coarse_shape(evidence: Evidence, runner: ProbeRunner) -> CopyShape:
    """The small copy that brackets the rate: a sixteenth of the data if that is enough, at most half the epochs."""
    share = _COARSE
    enough = runner.train_size * share >= _FEWEST_EXAMPLES
    if not enough or _shape(evidence, runner, share, 0.5).steps < _FEWEST_STEPS:
        share = _fine_share(runner)
    whole = _shape(evidence, runner, share, 1.0)
    cheap = max(_COARSE_COST / share, _FEWEST_STEPS / whole.steps)
    return _shape(evidence, runner, share, min(0.5, cheap, _MOST * runner.budget / share))


def fine_shape(evidence: Evidence, runner: ProbeRunner) -> CopyShape:
    """The copy that sets the rate and the decay: an eighth of the data or 400 examples, all epochs if affordable."""
    share = _fine_share(runner)
    return _shape(evidence, runner, share, min(1.0, max(_FINE, _FINE * runner.budget) / share))


def copy_of(
    evidence: Evidence,
    runner: ProbeRunner,
    shape: CopyShape,
    rate: float,
    total: float | None = None,
    seed: int = 0,
    label: str = "",
    looks: tuple[float, ...] | None = None,
    eval_train: bool = False,
) -> ProbeSpec:
    """A copy at a rate of the full run scaled to it, with this total decay; by default that of the other copies."""
    hparams = evidence.choice
    lr = carry(rate, hparams.optimizer, evidence.limit, full_size(evidence), shape.size)
    hparams = hparams.with_(lr=significant(lr), batch_size=shape.batch_size)
    hparams = with_total_decay(hparams, evidence.base_decay if total is None else total, shape.steps)
    if looks is None:
        looks = LOOKS if runner.budget >= _SMALL_BUDGET else _FEW_LOOKS
    return runner.probe(
        hparams, shape.steps, seed=seed, label=label, looks=looks, share=shape.share, eval_train=eval_train
    )


def current_copy(evidence: Evidence, runner: ProbeRunner, shape: CopyShape) -> ProbeSpec:
    """The current settings on a copy, scaled by the inverse of the law that scales the result back."""
    current, full = evidence.current, full_size(evidence)
    optimizer = dict(current.optimizer)
    name = str(optimizer["name"])
    factor = carry(1.0, name, None, full, shape.size)
    schedule = stretched(current.schedule, shape.steps / full.steps) if current.schedule else None
    if schedule and "max_lr" in schedule:
        schedule["max_lr"] = significant(float(schedule["max_lr"]) * factor)
    optimizer["lr"] = significant(float(optimizer["lr"]) * factor)
    if optimizer.get("weight_decay") and has_total_decay(name):
        decay = float(optimizer["weight_decay"]) * full.steps / (shape.steps * factor)
        optimizer["weight_decay"] = significant(decay)
    return ProbeSpec(
        kind="cycle",
        optimizer=optimizer,
        schedule=schedule,
        batch_size=shape.batch_size,
        steps=shape.steps,
        seed=runner.seed,
        eval_steps=(shape.steps,),
        eval_examples=runner.eval_examples,
        clip_grad_norm=current.clip_grad_norm,
        amp=current.amp,
        task=runner.fingerprint,
        data_share=shape.share,
        data_seed=runner.seed if shape.share < 1.0 else 0,
        label="current settings",
    )


def current_run(evidence: Evidence, runner: ProbeRunner, length: float, seed: int = 0) -> ProbeSpec:
    """The current settings on all data, compressed to ``length``."""
    steps = runner.steps(length, evidence.current.batch_size)
    whole = CopyShape(1.0, length, evidence.current.batch_size, steps)
    spec = current_copy(evidence, runner, whole)
    current, full = evidence.current, full_size(evidence)
    exact = current.optimizer if length >= 1.0 else spec.optimizer
    schedule = stretched(current.schedule, steps / full.steps) if current.schedule else None
    return replace(spec, optimizer=exact, schedule=schedule, seed=runner.seed + seed)


def prior_rates(evidence: Evidence, shape: CopyShape) -> list[float]:
    """Two initial rates for the full run, from the median of the best rates of other tasks' copies.

    For an unknown optimizer, the current rate and one above it.
    """
    hparams = evidence.choice
    if hparams.optimizer == "SGD":
        copies = [rate * (1.0 - (hparams.momentum or 0.0)) for rate in _SGD_COPIES]
    elif hparams.optimizer in _ADAPTIVE:
        copies = list(_ADAPTIVE_COPIES)
    else:
        lr = evidence.current_settings.peak_lr
        return [lr, lr * STEP]
    ceiling = _ceiling(evidence)
    if ceiling is not None and copies[0] > ceiling:
        copies = [ceiling / STEP, ceiling]
    return [carry(lr, hparams.optimizer, None, shape.size, full_size(evidence)) for lr in copies]


STEP = 10**0.5
"""Between two rates of the ladder."""
_SGD_COPIES = (10**-0.2, 10**0.3)
_ADAPTIVE_COPIES = (10**-2.2, 10**-1.65)
_ADAPTIVE = ("Adam", "AdamW", "NAdam", "RAdam", "Adamax")


def _ceiling(evidence: Evidence) -> float | None:
    """The divergence rate of the range test; None if it did not diverge."""
    found = getattr(evidence.bracket, "ceiling", None)
    return None if found is None else float(found.value)


def _fine_share(runner: ProbeRunner) -> float:
    return min(1.0, max(_FINE, math.ceil(1e4 * _FEWEST_EXAMPLES / runner.train_size) / 1e4))


def _shape(evidence: Evidence, runner: ProbeRunner, share: float, fraction: float) -> CopyShape:
    size = evidence.current.batch_size
    if share >= 1.0:
        return CopyShape(1.0, fraction, size, runner.steps(fraction, size))
    examples = max(2, round(runner.train_size * share))
    batch = min(max(_SMALLEST_BATCH, round(size * share**0.5)), size, examples)
    steps = max(LEAST_STEPS, round(max(1, examples // batch) * runner.epochs * fraction))
    return CopyShape(share, fraction, batch, steps)
