"""Rates around the best one on larger copies: sets the rate and determines its limit."""

import math

from advisor.config.total_decay import PRIOR
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.limit import read_limit
from advisor.evidence.queries import ladder
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import full_rate, full_size
from advisor.records.spec import ProbeSpec
from advisor.search.copies import coarse_shape, copy_of, fine_shape
from advisor.search.incumbent import settled
from advisor.search.response import best_value
from advisor.search.rounds.base import close, held
from advisor.search.rounds.length import LengthRound
from advisor.search.runner import ProbeRunner
from advisor.utils.numbers import rate as rate_text

FACTORS = (1.0, 10**-0.35, 10**0.3)
_LOWER = 10**-0.35
_KEPT_BACK = 0.1
"""Part of the budget that is left for the comparison with the current settings, where the ladder was made twice."""


class ZoomRound:
    """Three rates around the ladder's best; a fourth below them if the lowest does best.

    If the rate is fit-limited, two, and only if a shorter run on all data stays affordable.
    """

    name = RoundName.ZOOM
    purpose = "closer around the best rate, on larger copies"
    typical = (3, 1 / 8)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """The three rates, if larger copies than the ladder's are affordable."""
        response = ladder(evidence)
        done = evidence.of_round(self.name) or evidence.of_round(RoundName.LENGTH)
        if done or response is None or not response.finite:
            return []
        fine, coarse = fine_shape(evidence, runner), coarse_shape(evidence, runner)
        if fine.share * fine.fraction <= 1.2 * coarse.share * coarse.fraction:
            return []
        centre = best_value(response, evidence.choice.lr)
        if not evidence.overfits:
            return [_copy(evidence, runner, centre * factor) for factor in FACTORS]
        probes = [_copy(evidence, runner, centre * factor) for factor in FACTORS[::2]]
        shorter = LengthRound().specs(evidence, runner)
        return probes if runner.affordable([*probes, *shorter[:1]]) else []

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs the probes, and one more below if the lowest is best."""
        before = runner.full_runs
        arms = runner.run(self.name, self.specs(evidence, runner))
        done = [arm for arm in arms if math.isfinite(evidence.cost(arm))]
        lowest = min(arms, key=lambda arm: arm.spec.lr)
        if not done or min(done, key=evidence.cost) is lowest:
            further = [_copy(evidence, runner, full_rate(evidence, lowest) * _LOWER)]
            left = runner.left - sum(map(runner.price, further))
            if left >= (_KEPT_BACK * min(1.0, runner.budget) if evidence.base_decay < PRIOR else 0.0):
                arms += runner.run(self.name, further)
        known = settled(evidence.with_(arms=evidence.arms + arms), runner)
        return close(
            known,
            runner,
            arms,
            before,
            name=self.name,
            goal="set the rate on larger copies, and see which limit holds it",
            scientific="learning rate",
            nuisance="weight decay, by its total",
            fixed=held(evidence, "momentum", "schedule"),
            outcome=_outcome(known, arms),
        )


def _copy(evidence: Evidence, runner: ProbeRunner, rate: float) -> ProbeSpec:
    shape = fine_shape(evidence, runner)
    return copy_of(evidence, runner, shape, rate, label=f"lr={rate_text(rate)} on {shape.label}", eval_train=True)


def _outcome(evidence: Evidence, arms: tuple[Arm, ...]) -> str:
    done = [arm for arm in arms if math.isfinite(evidence.cost(arm))]
    if not done:
        return "no rate finished"
    steps = full_size(evidence).steps
    best = rate_text(full_rate(evidence, min(done, key=evidence.cost)))
    reading = read_limit(evidence)
    if reading.limit == "fit":
        return f"best near {best} for {steps} steps; fit-limited: {reading.late:.0%} are gained late in the run"
    return f"best near {best}" + ("; stability-limited" if reading.limit else "")
