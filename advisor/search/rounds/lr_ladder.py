"""A ladder of rates on small copies of the run: which one wins?"""

import math

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.limit import best_rung
from advisor.evidence.queries import can_widen, ladder, shown
from advisor.evidence.round_name import LADDER_ROUNDS, RoundName
from advisor.evidence.transfer import full_rate
from advisor.fits.types import Response
from advisor.records.spec import ProbeSpec
from advisor.search.copies import STEP, coarse_shape, copy_of, current_copy, prior_rates
from advisor.search.incumbent import settled
from advisor.search.rounds.base import close, held
from advisor.search.runner import ProbeRunner
from advisor.utils.numbers import rate as rate_text


class LadderRound:
    """Two rates around the median of the best rates of other tasks' copies."""

    name = RoundName.LADDER
    purpose = "ladder of rates on small copies: which learning rate wins?"
    typical = (2, 1 / 20)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """The first two rates, if not run yet."""
        if evidence.of_round(self.name):
            return []
        return _rungs(evidence, runner, prior_rates(evidence, coarse_shape(evidence, runner)))

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs the probes."""
        return _climb(evidence, runner, self.name, self.specs(evidence, runner))


class WiderLadderRound:
    """One more rate beyond the end where the best one is (LR004), until it is inside or all have failed."""

    name = RoundName.LADDER_WIDER
    purpose = "a further rate, as long as the best one is at the end of the ladder"
    typical = (2, 1 / 20)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """One rate beyond the edge."""
        response = ladder(evidence)
        if response is None or not response.points or not can_widen(evidence):
            return []
        rates = [point.value for point in response.points]
        best = min(response.points, key=lambda point: point.loss)
        if not math.isfinite(best.loss) or best.value == min(rates):
            return _rungs(evidence, runner, [min(rates) / STEP])
        if best.value == max(rates):
            return _rungs(evidence, runner, [max(rates) * STEP])
        return []

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs the probe."""
        return _climb(evidence, runner, self.name, self.specs(evidence, runner))


class ConfirmRound:
    """The current settings as one more arm of the ladder."""

    name = RoundName.CONFIRM
    purpose = "your current settings on the same copy: what is the change worth?"
    typical = (1, 1 / 20)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """One run, scaled to the copy by the inverse of the law that scales the result back."""
        if evidence.of_round(self.name) or not evidence.current_given or not evidence.of_round(RoundName.LADDER):
            return []
        return [current_copy(evidence, runner, coarse_shape(evidence, runner))]

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs the probe and compares it with the ladder so far."""
        before = runner.full_runs
        arms = runner.run(self.name, self.specs(evidence, runner))
        best = best_rung(evidence)
        said = f"current settings {shown(evidence, evidence.cost(arms[0])):.4g}"
        if best is not None:
            said += f", best rate so far {shown(evidence, evidence.cost(best)):.4g}"
        return close(
            evidence,
            runner,
            arms,
            before,
            name=self.name,
            goal="measure the current settings on the same copy as every rate of the ladder",
            scientific="all settings together",
            nuisance="none",
            fixed="part of the data, seed, weights",
            outcome=said,
        )


def ladder_arms(evidence: Evidence) -> tuple[Arm, ...]:
    """All copies of the ladder, repeats included."""
    return tuple(arm for arm in evidence.cycles if arm.round in {*LADDER_ROUNDS, RoundName.NOISE})


def _rungs(evidence: Evidence, runner: ProbeRunner, rates: list[float]) -> list[ProbeSpec]:
    shape = coarse_shape(evidence, runner)
    return [copy_of(evidence, runner, shape, rate, label=f"lr={rate_text(rate)} on {shape.label}") for rate in rates]


def _climb(evidence: Evidence, runner: ProbeRunner, name: RoundName, specs: list[ProbeSpec]) -> Evidence:
    before = runner.full_runs
    arms = runner.run(name, specs)
    known = settled(evidence.with_(arms=evidence.arms + arms), runner)
    response = ladder(known)
    return close(
        known,
        runner,
        arms,
        before,
        name=name,
        goal="find the learning rate that wins on small copies of the run",
        scientific="learning rate",
        nuisance="weight decay, by its total",
        fixed=held(evidence, "momentum", "schedule"),
        outcome=_outcome(known, response),
    )


def _outcome(evidence: Evidence, response: Response | None) -> str:
    arms = ladder_arms(evidence)
    done = [arm for arm in arms if math.isfinite(evidence.cost(arm))]
    broke = sum(arm.trace.diverged for arm in arms)
    lost = f"; {broke} of {len(arms)} diverged" if broke else ""
    if response is None or not done:
        return f"no rate finished{lost}"
    best = rate_text(full_rate(evidence, min(done, key=evidence.cost)))
    words = {
        "edge_low": f"best at the lower end, {best}",
        "edge_high": f"best at the upper end, {best}",
        "flat": "no rate is better than another beyond the noise",
    }
    return words.get(response.verdict, f"best near {best}") + lost
