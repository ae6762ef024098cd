"""Smith's range test: a rising rate shows where training begins to work and where it diverges."""

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.round_name import RoundName
from advisor.fits import RangeBracket, RangeFit, combine_range_tests, fit_range_test
from advisor.fits.types import FitFailed
from advisor.records.spec import ProbeSpec
from advisor.search.rounds.base import close
from advisor.search.runner import ProbeRunner
from advisor.utils.numbers import rate as rate_text

_SEEDS = 2
_SMALL_BUDGET = 0.5
_SHARE = 1 / 32
_FEWEST, _MOST = 30, 100
_LOOKS = 6
_LOOK_EXAMPLES = 200
_FEWEST_LOOKED_AT = 8
_SPANS = {"SGD": (1e-4, 30.0), "RMSprop": (1e-6, 1.0)}
_ADAPTIVE_SPAN = (1e-5, 3.0)
_WIDEN = 1000.0
_SMALLEST_BATCH = 8


class RangeRound:
    """Two sweeps of exponentially rising learning rate, each with its own seed."""

    name = RoundName.RANGE
    purpose = "range test: where does training start to work, and where does it diverge?"
    typical = (2, 1 / 60)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """The sweeps, if not run yet."""
        if evidence.of_round(self.name):
            return []
        start, end = _SPANS.get(evidence.choice.optimizer, _ADAPTIVE_SPAN)
        return sweeps(evidence, runner, start, end)

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs the sweeps and combines them into a bracket."""
        return run_sweeps(evidence, runner, self.name, self.specs(evidence, runner))


class WiderRangeRound:
    """Repeats the sweeps to rates a thousand times larger, if nothing diverged (LR003)."""

    name = RoundName.RANGE_WIDER
    purpose = "larger maximum, if the range test never diverges"
    typical = (0, 0.0)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """Sweeps that start where the first ones ended."""
        done = evidence.of_round(RoundName.RANGE)
        if not done or evidence.of_round(self.name) or any(arm.trace.diverged for arm in done):
            return []
        tops = [arm.trace.lr[-1] for arm in done if arm.trace.lr]
        if not tops:
            return []
        top = max(tops)
        return sweeps(evidence, runner, top / 30.0, top * _WIDEN)

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs the wider sweeps."""
        return run_sweeps(evidence, runner, self.name, self.specs(evidence, runner))


def sweeps(evidence: Evidence, runner: ProbeRunner, start: float, end: float) -> list[ProbeSpec]:
    """One sweep per seed, at half the batch size: the ceiling hardly changes, and it costs half."""
    hparams = evidence.choice
    batch = max(min(_SMALLEST_BATCH, hparams.batch_size), hparams.batch_size // 2)
    total = runner.steps(1.0, hparams.batch_size)
    steps = min(_MOST, max(_FEWEST, round(total * _SHARE)))
    looks = tuple(sorted({max(1, round(steps * (i + 1) / _LOOKS)) for i in range(_LOOKS)}))
    return [
        ProbeSpec(
            kind="range",
            optimizer={**hparams.optimizer_keywords(), "lr": start},
            schedule={"name": "ExponentialRamp", "start_lr": start, "end_lr": end},
            batch_size=batch,
            steps=steps,
            seed=runner.seed + seed,
            eval_steps=looks,
            eval_examples=min(runner.val_size, _LOOK_EXAMPLES, max(_FEWEST_LOOKED_AT, steps * batch // _LOOKS)),
            amp=hparams.amp,
            task=runner.fingerprint,
            model_kwargs=runner.model_kwargs,
            label=f"rate {start:g} to {end:g}",
        )
        for seed in range(_SEEDS if runner.budget >= _SMALL_BUDGET else 1)
    ]


def run_sweeps(evidence: Evidence, runner: ProbeRunner, name: RoundName, specs: list[ProbeSpec]) -> Evidence:
    """Runs sweeps, fits them, and combines all made so far."""
    before = runner.full_runs
    arms = runner.run(name, specs)
    ranges = {**evidence.ranges, **{arm.spec.key: _fit(arm) for arm in arms}}
    bracket = combine_range_tests([ranges[arm.spec.key] for arm in arms])
    return close(
        evidence.with_(ranges=ranges, bracket=bracket),
        runner,
        arms,
        before,
        name=name,
        goal="bracket the learning rate: where does the loss start to fall, and where does training diverge?",
        scientific="learning rate, rising exponentially within each sweep",
        nuisance="none",
        fixed=f"batch size {arms[0].spec.batch_size}, weight decay {evidence.choice.weight_decay:g}",
        outcome=_outcome(bracket),
    )


def _fit(arm: Arm) -> RangeFit | FitFailed:
    trace = arm.trace
    return fit_range_test(trace.lr, trace.train_loss, cut_off=trace.status == "diverged")


def _outcome(bracket: object) -> str:
    if not isinstance(bracket, RangeBracket):
        return f"no bracket: {getattr(bracket, 'reason', 'not readable')}"
    if bracket.ceiling is None:
        return f"never diverged up to {rate_text(bracket.high)}"
    return (
        f"training diverges near {rate_text(bracket.ceiling.value)} "
        f"({rate_text(bracket.ceiling.low)} to {rate_text(bracket.ceiling.high)} over {bracket.seeds} seeds)"
    )
