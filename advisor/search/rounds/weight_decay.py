"""Weight decay, as total decay: other totals than the prior, on the best copy."""

import math
from dataclasses import replace

from advisor.config.total_decay import has_total_decay
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.learned import baseline
from advisor.evidence.queries import gap_of, noise_of
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import full_rate
from advisor.records.spec import ProbeSpec
from advisor.search.copies import copy_of, fine_shape
from advisor.search.incumbent import best_copy, full_decay, settled
from advisor.search.response import respond
from advisor.search.rounds.base import close, held
from advisor.search.runner import ProbeRunner

LOWER, HIGHER = (0.8, 0.25), (0.8, 8.0)
"""Totals to try in order, while each improves on the previous one."""
_GAP = 0.15
"""Share of the improvement on a constant prediction that is lost between training and validation data: above it more
decay is tried, below it less."""
BETTER = 0.015
"""Relative improvement of the objective by which another total must beat the prior."""
_NO_GAP = 0.03
"""Part of the gain below which there is nothing to regularise: less decay need only be no worse there."""
_ALMOST_NONE = 0.01
"""Part of L2 inside an adaptive optimizer that is tried beside all of it."""
_KEPT_BACK = 0.2
"""Share of the budget reserved for the comparison with the current settings."""


class DecayRound:
    """Less decay if training and validation agree, more if they diverge; less L2 inside an adaptive optimizer."""

    name = RoundName.DECAY
    purpose = "weight decay: another total beside the prior of 2.5"
    typical = (1, 1 / 8)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """The first other value, if the comparison with the current settings stays affordable."""
        best = _beside(evidence)
        if evidence.of_round(self.name) or best is None or evidence.overfits:
            return []
        if has_total_decay(evidence.choice.optimizer) and not evidence.of_round(RoundName.ZOOM):
            return []
        specs = [_copy(evidence, runner, best, value) for value in _others(evidence, best)[:1]]
        return [spec for spec in specs if _leaves_enough(runner, spec)]

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Continues in one direction while the result improves."""
        before = runner.full_runs
        best = _beside(evidence)
        assert best is not None
        arms: tuple[Arm, ...] = ()
        lowest, first = evidence.cost(best), _first(evidence)
        chosen, values = first, {best.spec.key: first}
        for value in _others(evidence, best):
            spec = _copy(evidence, runner, best, value)
            if arms and not _leaves_enough(runner, spec):
                break
            arms += runner.run(self.name, [spec])
            values[spec.key], cost = value, evidence.cost(arms[-1])
            margin = max(BETTER * abs(lowest), 0.5 * noise_of(evidence)) if _lost(evidence, best) > _NO_GAP else 0.0
            if not cost < lowest - margin:
                break
            lowest, chosen = cost, value
        context = f"copies at one rate, {held(evidence, 'momentum')}"
        response = respond(
            evidence,
            "weight_decay",
            "log",
            [best, *arms],
            lambda arm: _torch_number(evidence, values[arm.spec.key]),
            context,
        )
        known = evidence.with_(arms=evidence.arms + arms, responses=(*evidence.responses, response))
        if has_total_decay(evidence.choice.optimizer):
            known = known.with_(total_decay=chosen)
        else:
            known = known.with_(choice=known.choice.with_(weight_decay=chosen))
        what = "total decay" if has_total_decay(evidence.choice.optimizer) else "weight decay (L2)"
        return close(
            settled(known, runner),
            runner,
            arms,
            before,
            name=self.name,
            goal="balance regularisation: does another weight decay do better?",
            scientific="total decay (rate × decay × steps)" if what == "total decay" else "weight decay",
            nuisance="none at this budget",
            fixed=held(evidence, "momentum", "schedule") + ", rate",
            outcome=f"{what} {chosen:g} is better than {first:g}"
            if chosen != first
            else f"{what} {', '.join(f'{values[arm.spec.key]:g}' for arm in arms)} is not better than {first:g}",
        )


def _beside(evidence: Evidence) -> Arm | None:
    """The copy that others are compared with: the best one, or that of the current settings where decay is L2.

    L2 inside an adaptive optimizer weighs more the smaller the gradients are, so that it must be seen where it is used.
    """
    if has_total_decay(evidence.choice.optimizer):
        return best_copy(evidence)
    current = [arm for arm in evidence.of_round(RoundName.CONFIRM) if math.isfinite(evidence.cost(arm))]
    return current[0] if current and current[0].spec.weight_decay > 0 else None


def _first(evidence: Evidence) -> float:
    """What the copies so far were trained with: the total, or the optimizer's own number where it has no total."""
    return evidence.base_decay if has_total_decay(evidence.choice.optimizer) else evidence.choice.weight_decay


def _others(evidence: Evidence, best: Arm) -> tuple[float, ...]:
    if has_total_decay(evidence.choice.optimizer):
        first = evidence.base_decay
        if _lost(evidence, best) < _GAP:
            return tuple(value for value in LOWER if value < first)
        return tuple(value for value in HIGHER if value > first)
    own = evidence.choice.weight_decay
    return (own * _ALMOST_NONE,) if own > 0 else ()


def _torch_number(evidence: Evidence, value: float) -> float:
    return full_decay(evidence, value) if has_total_decay(evidence.choice.optimizer) else value


def _lost(evidence: Evidence, best: Arm) -> float:
    """Train-validation gap over the improvement on a constant prediction."""
    gained = baseline(evidence, best) - best.trace.final_val_loss
    return gap_of(best) / gained if gained > 0 else math.inf


def _copy(evidence: Evidence, runner: ProbeRunner, best: Arm, value: float) -> ProbeSpec:
    if has_total_decay(evidence.choice.optimizer):
        shape, rate = fine_shape(evidence, runner), full_rate(evidence, best)
        return copy_of(evidence, runner, shape, rate, value, label=f"total decay {value:g}", looks=(1.0,))
    optimizer = {**best.spec.optimizer, "weight_decay": value}
    return replace(best.spec, optimizer=optimizer, label=f"current settings, weight decay {value:g}")


def _leaves_enough(runner: ProbeRunner, spec: ProbeSpec) -> bool:
    return runner.left - runner.price(spec) >= _KEPT_BACK * min(1.0, runner.budget)
