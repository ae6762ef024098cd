"""A shorter run on all data, if the rate is fit-limited: the measured run is the recommendation."""

import math

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import ladder, shown
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import full_rate
from advisor.fits.types import FitFailed, Point, Response
from advisor.records.spec import ProbeSpec
from advisor.search.incumbent import SHORTER, at_length, settled
from advisor.search.response import significant
from advisor.search.rounds.base import close, held
from advisor.search.runner import ProbeRunner
from advisor.utils.numbers import rate as rate_text

LENGTHS = (1 / 2, 1 / 4, 1 / 8)
_PLENTY = 2.0
"""Remaining budget in full runs from which on several lengths are run."""
_LOOKS = (0.5, 0.8, 1.0)
_AS_GOOD = 0.01
"""Relative difference within which a shorter run counts as good as a longer one."""


class LengthRound:
    """Half of the run, or the affordable part of it, at the rate that keeps rate × steps."""

    name = RoundName.LENGTH
    purpose = "if the rate is fit-limited: a half or a quarter of the run on all data"
    typical = (0, 0.0)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """The longest affordable length; several if the budget allows."""
        if evidence.of_round(self.name) or not evidence.overfits or ladder(evidence) is None or runner.epochs < 2:
            return []
        probes = [_probe(evidence, runner, length) for length in LENGTHS if length * runner.epochs >= 1]
        if sum(map(runner.price, probes)) <= runner.left / _PLENTY:
            return probes
        return next(([spec] for spec in probes[:2] if runner.affordable([spec])), [])

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs the probes, and takes the shortest length that is as good as any."""
        before = runner.full_runs
        arms = runner.run(self.name, self.specs(evidence, runner))
        known = evidence.with_(arms=evidence.arms + arms)
        length = _best_length(evidence, arms)
        known = settled(known.with_(length=length, responses=(*known.responses, _response(known, arms))), runner)
        return close(
            known,
            runner,
            arms,
            before,
            name=self.name,
            goal="does a part of the run do as well as all of it?",
            scientific="length of the run",
            nuisance="learning rate, by rate × steps; weight decay, by its total",
            fixed=held(evidence, "batch_size", "momentum", "schedule"),
            outcome=_outcome(evidence, arms, length),
        )


def _probe(evidence: Evidence, runner: ProbeRunner, length: float) -> ProbeSpec:
    rate = evidence.choice.lr * evidence.length / length
    hparams = at_length(evidence.with_(choice=evidence.choice.with_(lr=significant(rate))), runner, length)
    label = f"length={length:.3g},lr={rate_text(hparams.lr)}"
    return runner.cycle(hparams, length, label=label, looks=_LOOKS, eval_train=True)


def _best_length(evidence: Evidence, arms: tuple[Arm, ...]) -> float:
    """The shortest length as good as the best; half if only a quarter was affordable, or none finished."""
    done = sorted((arm for arm in arms if math.isfinite(evidence.cost(arm))), key=lambda arm: arm.length)
    if len(done) < 2:
        return SHORTER
    lowest = min(map(evidence.cost, done))
    good = next(arm for arm in done if evidence.cost(arm) <= lowest + _AS_GOOD * abs(lowest))
    return min(LENGTHS, key=lambda length: abs(math.log(length / good.length)))


def _response(evidence: Evidence, arms: tuple[Arm, ...]) -> Response:
    epochs = evidence.current.epochs
    points = tuple(
        Point(round(arm.length * epochs, 3), (evidence.cost(arm),), (arm.spec.key,))
        for arm in sorted(arms, key=lambda arm: arm.spec.steps)
    )
    reason = FitFailed("the shortest length as good as the best is taken, without a fit")
    longest = max(arm.length for arm in arms)
    return Response("epochs", "log", longest, "shorter runs", points, evidence.noise, reason, "unmeasured")


def _outcome(evidence: Evidence, arms: tuple[Arm, ...], length: float) -> str:
    said = ", ".join(
        f"{shown(evidence, evidence.cost(arm)):.4g} at {arm.length:.2g} of the run (rate {rate_text(arm.spec.lr)}, "
        f"as {rate_text(full_rate(evidence, arm))} over all of it)"
        for arm in arms
    )
    return f"{said}; {length:.2g} of the run is advised"
