"""A ladder of whole schedules, each squeezed into a sixteenth of the run: which rate wins?"""

import math

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import below_divergence, can_widen, ladder
from advisor.evidence.round_name import LADDER_ROUNDS, RoundName
from advisor.fits import RangeBracket, RangeFit
from advisor.fits.types import Response
from advisor.records.spec import ProbeSpec
from advisor.search.rounds.base import best_value, close, held, respond, significant
from advisor.search.runner import Lab
from advisor.utils.numbers import rate as rate_text

RUNGS = 3
SPACING = 3.0
_NO_CEILING = {"SGD": 1.0}


class LadderRound:
    """Three rates down from the ceiling, a factor of three apart."""

    name = RoundName.LADDER
    purpose = "ladder of short 1cycle runs: which learning rate wins?"
    typical = (3, 1 / 16)

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """The rungs, unless they were run."""
        if evidence.of_round(self.name):
            return []
        top = _top(evidence)
        return _rungs(evidence, lab, [top / SPACING**i for i in reversed(range(RUNGS))])

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs the rungs."""
        return _climb(evidence, lab, self.name, self.specs(evidence, lab))


class WiderLadderRound:
    """More rungs beyond the end at which the best one stands (LR004)."""

    name = RoundName.LADDER_WIDER
    purpose = "more rungs, if the best rate is at the end of the ladder"
    typical = (0, 0.0)

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """One rung beyond the edge, or between the best one and a diverged one; at most four times."""
        response = ladder(evidence)
        if response is None or not can_widen(evidence):
            return []
        rates = [point.value for point in response.points]
        between = below_divergence(response)
        if between is not None:
            return _rungs(evidence, lab, [between])
        if response.verdict == "edge_high":
            return _rungs(evidence, lab, [max(rates) * SPACING])
        if response.verdict in ("edge_low", "unmeasured") and len(rates) > 0:
            return _rungs(evidence, lab, [min(rates) / SPACING])
        return []

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs the further rungs."""
        return _climb(evidence, lab, self.name, self.specs(evidence, lab))


def ladder_arms(evidence: Evidence) -> tuple[Arm, ...]:
    """All rungs, repeats included."""
    return tuple(arm for arm in evidence.cycles if arm.round in {*LADDER_ROUNDS, RoundName.NOISE})


def best_rung(evidence: Evidence) -> Arm | None:
    """The rung with the lowest mean objective over its seeds; None if none finished under all of them."""
    by_rate: dict[float, list[Arm]] = {}
    for arm in ladder_arms(evidence):
        by_rate.setdefault(arm.spec.lr, []).append(arm)
    means = {rate: sum(map(evidence.cost, arms)) / len(arms) for rate, arms in by_rate.items()}
    finite = {rate: mean for rate, mean in means.items() if math.isfinite(mean)}
    return by_rate[min(finite, key=finite.__getitem__)][0] if finite else None


def _top(evidence: Evidence) -> float:
    """Rate to climb down from: the ceiling of the range test, else what the user trains with and a rung above."""
    bracket = evidence.bracket
    if isinstance(bracket, RangeBracket):
        return bracket.ceiling.value if bracket.ceiling is not None else bracket.high / SPACING
    fits = [evidence.ranges.get(arm.spec.key) for arm in evidence.of_round(RoundName.RANGE)]
    ceilings = [fit.ceiling_lr for fit in fits if isinstance(fit, RangeFit) and fit.ceiling_lr is not None]
    if ceilings:
        return math.exp(sum(math.log(rate) for rate in ceilings) / len(ceilings))
    if evidence.current_given:
        return SPACING * evidence.current_settings.peak_lr
    return _NO_CEILING.get(evidence.choice.optimizer, 0.03)


def _rungs(evidence: Evidence, lab: Lab, rates: list[float]) -> list[ProbeSpec]:
    return [
        lab.cycle(evidence.choice.with_(lr=significant(rate)), lab.short, label=f"lr={rate_text(rate)}")
        for rate in rates
    ]


def _climb(evidence: Evidence, lab: Lab, name: RoundName, specs: list[ProbeSpec]) -> Evidence:
    before = lab.full_runs
    arms = lab.run(name, specs)
    rungs = [*ladder_arms(evidence), *arms]
    context = f"ladder, {held(evidence, 'batch_size', 'weight_decay', 'momentum')}"
    response = respond(evidence, "lr", "log", rungs, lambda arm: arm.spec.lr, context)
    best = significant(best_value(response, evidence.choice.lr))
    kept = tuple(item for item in evidence.responses if item is not ladder(evidence))
    known = evidence.with_(responses=(*kept, response), choice=evidence.choice.with_(lr=best))
    return close(
        known,
        lab,
        arms,
        before,
        name=name,
        goal="find the learning rate that wins when the whole schedule is squeezed into a short run",
        scientific="learning rate",
        nuisance="none yet",
        fixed=held(evidence, "batch_size", "weight_decay", "momentum", "schedule"),
        outcome=_outcome(response, best),
    )


def _outcome(response: Response, best: float) -> str:
    diverged = len(response.points) - len(response.finite)
    lost = f"; {diverged} of {len(response.points)} diverged" if diverged else ""
    words = {
        "resolved": f"best near {rate_text(best)}",
        "edge_low": f"best at the lower end, {rate_text(best)}",
        "edge_high": f"best at the upper end, {rate_text(best)}",
        "flat": "no rate is better than another beyond the noise",
        "unmeasured": "too few runs finished to compare",
    }
    return words[response.verdict] + lost
