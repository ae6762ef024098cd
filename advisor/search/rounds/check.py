"""The recommended against the current settings, on all data at the longest affordable length."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import stdev

from advisor.evidence.comparison import Comparison, comparison
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.learned import learned, tells
from advisor.evidence.queries import can_widen, ladder, noise_of, shown
from advisor.evidence.round_name import RoundName
from advisor.records.spec import ProbeSpec
from advisor.search.copies import current_run
from advisor.search.incumbent import at_length, settled
from advisor.search.rounds.base import close
from advisor.search.runner import ProbeRunner
from advisor.utils.numbers import share

_WHOLE = ((1.0, 3), (1.0, 2), (0.5, 2), (0.25, 2))
"""Lengths and seeds, best first."""
_WITH_STEP_DOWN = 1.5
"""Cost factor of a comparison over its runs: a lower rate may have to be measured as well."""
_STEPS_DOWN = 2
_SHORTEST = 0.02
_ONE_RUN = 0.95
_LOOKS, _LONG = (0.3, 0.5, 0.7, 0.85, 1.0), 0.2
"""Evaluation points of runs of at least this length, for the overfitting rules."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Length and number of seeds."""

    length: float
    advised: int
    current: int


class CheckRound:
    """Both under the same seeds; a lower rate if the recommended one fails or does worse; else the current settings.

    If no copy learned more than a constant prediction, only the current settings are run, as long as is affordable: the
    task may learn late. Recommended settings must themselves have clearly learned.
    """

    name = RoundName.CONFIRM_LONG
    purpose = "advised and current settings on all data, as long as is affordable"
    typical = (3, 1 / 20)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """All runs of the comparison except those at a lower rate."""
        if (
            evidence.of_round(RoundName.CONFIRM_LONG)
            or evidence.of_round(RoundName.CHECK)
            or not evidence.of_round(RoundName.LADDER)
        ):
            return []
        if not learned(evidence):
            return _late(evidence, runner)
        planned = _plan(evidence, runner)
        if evidence.overfits and planned is not None and planned.length < 1.0:
            return []  # An even shorter run would need another rate, and would not be the recommendation.
        return [] if planned is None else [*_advised(evidence, runner, planned), *_current(evidence, runner, planned)]

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs the comparison, lowers the rate while it does not hold and that is affordable, and decides."""
        before = runner.full_runs
        if not learned(evidence):
            return _only_current(evidence, runner, before)
        planned = _plan(evidence, runner)
        assert planned is not None
        known = _with(evidence, runner.run(RoundName.CONFIRM_LONG, _current(evidence, runner, planned)))
        known = _with(known, runner.run(RoundName.CHECK, _advised(known, runner, planned)))
        known = _with_noise(known)
        for _ in range(_STEPS_DOWN):
            found = comparison(known)
            if found is None or found.holds(noise_of(known)):
                break
            lower = settled(known.with_(steps_down=known.steps_down + 1), runner)
            specs = _advised(lower, runner, planned)
            if not runner.affordable(specs):
                break
            known = _with(lower, runner.run(RoundName.CHECK, specs))
        found = comparison(known)
        held = tells(known) and (found is None or found.holds(noise_of(known)))
        unproven = found is None or (found.failed and not evidence.current_given)
        keep, steps_down = not held and evidence.current_given, known.steps_down + unproven
        known = settled(known.with_(keep=keep, steps_down=steps_down), runner)
        arms = (*known.of_round(RoundName.CONFIRM_LONG), *known.of_round(RoundName.CHECK))
        return close(
            known,
            runner,
            arms,
            before,
            name=self.name,
            goal="measure what is advised against the current settings in the longest affordable run on all data",
            scientific="all settings together",
            nuisance="learning rate, lowered where it fails",
            fixed="length of the run, seeds, weights",
            outcome=_outcome(known, found),
        )


def _plan(evidence: Evidence, runner: ProbeRunner) -> _Plan | None:
    """The longest length and most seeds that leave room for one lower rate."""
    for length, seeds in _WHOLE:
        plan = _Plan(length, seeds, seeds if evidence.current_given else 0)
        if _WITH_STEP_DOWN * _price(evidence, runner, plan) <= runner.left:
            return plan
    runs = 3 if evidence.current_given else 2
    length = min(_WHOLE[-1][0], runner.left / (runs + 1))
    plan = _Plan(length, 2, runs - 2)
    while plan.length >= _SHORTEST:
        if _price(evidence, runner, plan) <= runner.left:
            return plan
        plan = _Plan(0.8 * plan.length, plan.advised, plan.current)
    return None


def _price(evidence: Evidence, runner: ProbeRunner, plan: _Plan) -> float:
    return sum(map(runner.price, [*_advised(evidence, runner, plan), *_current(evidence, runner, plan)]))


def _advised(evidence: Evidence, runner: ProbeRunner, plan: _Plan) -> list[ProbeSpec]:
    length = plan.length * evidence.length
    hparams = at_length(evidence, runner, length)
    looks = _LOOKS if length >= _LONG else (1.0,)
    return [
        runner.cycle(
            hparams,
            length,
            seed=seed,
            label=f"advised settings, {share(length)}",
            looks=looks,
            eval_train=seed < 1,
        )
        for seed in range(plan.advised)
    ]


def _current(evidence: Evidence, runner: ProbeRunner, plan: _Plan) -> list[ProbeSpec]:
    return [current_run(evidence, runner, plan.length, seed) for seed in range(plan.current)]


def _late(evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
    """The current settings, as long as is affordable, once the ladder has nothing left to try."""
    response = ladder(evidence)
    edge = response is not None and response.verdict in ("edge_low", "edge_high", "unmeasured")
    if not evidence.current_given or (edge and can_widen(evidence) and runner.left > 1.2):
        return []
    spec = current_run(evidence, runner, min(1.0, _ONE_RUN * runner.left))
    return [spec] if runner.affordable([spec]) else []


def _only_current(evidence: Evidence, runner: ProbeRunner, before: float) -> Evidence:
    arms = runner.run(RoundName.CONFIRM_LONG, _late(evidence, runner))
    known = _with(evidence, arms)
    reached = learned(known, list(arms))
    return close(
        known.with_(keep=True),
        runner,
        arms,
        before,
        name=RoundName.CONFIRM_LONG,
        goal="no copy clearly learned more than a constant prediction: do the current settings, given the time?",
        scientific="none",
        nuisance="none",
        fixed="the current settings",
        outcome=f"current settings reach {shown(known, known.cost(arms[0])):.4g}"
        + (
            "; the task learns late, and no copy can stand for it"
            if reached
            else ", no more than a constant prediction"
        ),
    )


def _with(evidence: Evidence, arms: Sequence[Arm]) -> Evidence:
    known = {arm.spec.key for arm in evidence.arms}
    return evidence.with_(arms=evidence.arms + tuple(arm for arm in arms if arm.spec.key not in known))


def _with_noise(evidence: Evidence) -> Evidence:
    """Noise from the seeds of the recommended settings, if not measured otherwise."""
    losses = [evidence.cost(arm) for arm in evidence.of_round(RoundName.CHECK)]
    if math.isfinite(evidence.noise) or len(losses) < 2 or not all(map(math.isfinite, losses)):
        return evidence
    return evidence.with_(noise=stdev(losses))


def _outcome(evidence: Evidence, found: Comparison | None) -> str:
    if found is None:
        return "too short for either to learn: the rate is halved, as seeds fail near the edge"

    def said(losses: dict[int, float]) -> str:
        return ", ".join(f"{shown(evidence, loss):.4g}" for loss in losses.values())

    lowered = f", after {evidence.steps_down} step(s) down" if evidence.steps_down else ""
    text = f"advised settings {said(found.advised)}{lowered}"
    if found.current:
        text = f"current settings {said(found.current)}, {text}"
    return text + ("; the current settings are kept" if evidence.keep else "")
