"""Weight decay, as total decay: other totals beside the prior, on the copy that does best."""

import math

from advisor.config.total_decay import PRIOR, has_total_decay
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import gap_of, noise_of, start_loss
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import full_rate
from advisor.records.spec import ProbeSpec
from advisor.search.copies import copy_of, fine_shape
from advisor.search.incumbent import best_copy, full_decay, settled
from advisor.search.response import respond
from advisor.search.rounds.base import close, held
from advisor.search.runner import ProbeRunner

LOWER, HIGHER = (0.8, 0.25), (8.0,)
"""Totals that are tried in turn, as long as each is better than the one before."""
_GAP = 0.15
"""Part of the gain over a constant prediction that is lost between training and validation data above which more decay
is tried, below which less."""
BETTER = 0.015
"""Part of the objective by which another total must beat the prior."""
_NO_GAP = 0.03
"""Part of the gain below which there is nothing to regularise: less decay need only be no worse there."""
_KEPT_BACK = 0.2
"""Part of the budget that is left for the comparison with the current settings."""


class DecayRound:
    """Less decay where training and validation agree, more where they part."""

    name = RoundName.DECAY
    purpose = "weight decay: another total beside the prior of 2.5"
    typical = (1, 1 / 8)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """The first other total, if the comparison with the current settings stays affordable."""
        best = best_copy(evidence)
        if evidence.of_round(self.name) or best is None or not evidence.of_round(RoundName.ZOOM) or evidence.overfits:
            return []
        if not has_total_decay(evidence.choice.optimizer):
            return []
        spec = _copy(evidence, runner, best, _totals(evidence, best)[0])
        return [spec] if _leaves_enough(runner, spec) else []

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Goes on in one direction as long as it is better."""
        before = runner.full_runs
        best = best_copy(evidence)
        assert best is not None
        arms: tuple[Arm, ...] = ()
        lowest, chosen = evidence.cost(best), PRIOR
        for total in _totals(evidence, best):
            spec = _copy(evidence, runner, best, total)
            if arms and not _leaves_enough(runner, spec):
                break
            arms += runner.run(self.name, [spec])
            cost = evidence.cost(arms[-1])
            margin = max(BETTER * abs(lowest), 0.5 * noise_of(evidence)) if _lost(evidence, best) > _NO_GAP else 0.0
            if not cost < lowest - margin:
                break
            lowest, chosen = cost, total
        totals = {best.spec.key: PRIOR} | {
            arm.spec.key: total for arm, total in zip(arms, _totals(evidence, best), strict=False)
        }
        context = f"copies at one rate, {held(evidence, 'momentum')}"
        response = respond(
            evidence,
            "weight_decay",
            "log",
            [best, *arms],
            lambda arm: full_decay(evidence, totals[arm.spec.key]),
            context,
        )
        known = evidence.with_(arms=evidence.arms + arms, responses=(*evidence.responses, response), total_decay=chosen)
        return close(
            settled(known, runner),
            runner,
            arms,
            before,
            name=self.name,
            goal="balance regularisation: does another total decay do better than the prior?",
            scientific="total decay (rate × decay × steps)",
            nuisance="none at this budget",
            fixed=held(evidence, "momentum", "schedule") + ", rate",
            outcome=f"total decay {chosen:g} is better than {PRIOR:g}"
            if chosen != PRIOR
            else f"total decay {', '.join(f'{totals[arm.spec.key]:g}' for arm in arms)} is not better than {PRIOR:g}",
        )


def _totals(evidence: Evidence, best: Arm) -> tuple[float, ...]:
    return LOWER if _lost(evidence, best) < _GAP else HIGHER


def _lost(evidence: Evidence, best: Arm) -> float:
    """Gap between training and validation loss over what was gained on a constant prediction."""
    gained = start_loss(evidence, best) - best.trace.final_val_loss
    return gap_of(best) / gained if gained > 0 else math.inf


def _copy(evidence: Evidence, runner: ProbeRunner, best: Arm, total: float) -> ProbeSpec:
    shape = fine_shape(evidence, runner)
    rate = full_rate(evidence, best)
    return copy_of(evidence, runner, shape, rate, total, label=f"total decay {total:g}", looks=(1.0,))


def _leaves_enough(runner: ProbeRunner, spec: ProbeSpec) -> bool:
    return runner.left - runner.price(spec) >= _KEPT_BACK * min(1.0, runner.budget)
