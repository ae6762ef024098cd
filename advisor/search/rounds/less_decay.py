"""Less weight decay on small copies, where the current settings beat the ladder."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.limit import best_rung
from advisor.evidence.queries import shown
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import full_rate
from advisor.evidence.weight_decay import LESS, asks_for_less
from advisor.records.spec import ProbeSpec
from advisor.search.copies import STEP, coarse_shape, copy_of
from advisor.search.incumbent import settled
from advisor.search.rounds.base import close, held
from advisor.search.rounds.weight_decay import BETTER
from advisor.search.runner import ProbeRunner
from advisor.utils.numbers import rate as rate_text


class LessDecayRound:
    """The ladder's best rate with a tenth of the total decay; where that is better, every copy has it from then on.

    The prior suits most tasks. A model that cannot learn and decay at once in so few steps shows it by losing to the
    current settings, and would otherwise be searched with a handicap.
    """

    name = RoundName.LESS_DECAY
    purpose = "less weight decay at the best rate: your current settings, with little of it, do better"
    typical = (0, 1 / 20)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """The best rung again, and the next lower rate."""
        best = best_rung(evidence)
        if evidence.of_round(self.name) or best is None or evidence.of_round(RoundName.ZOOM):
            return []
        if not asks_for_less(evidence):
            return []
        rate, shape = full_rate(evidence, best), coarse_shape(evidence, runner)
        return [
            copy_of(evidence, runner, shape, each, LESS, label=f"lr={rate_text(each)}, total decay {LESS:g}")
            for each in (rate, rate / STEP)
        ]

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs them, and keeps the smaller total if either beats the best rung."""
        before = runner.full_runs
        best = best_rung(evidence)
        assert best is not None
        arms = runner.run(self.name, self.specs(evidence, runner))
        lowest, rung = min(map(evidence.cost, arms)), evidence.cost(best)
        known = evidence.with_(arms=evidence.arms + arms)
        better = lowest < rung - BETTER * abs(rung)
        if better:
            known = known.with_(base_decay=LESS, total_decay=LESS)
        said = f"{shown(evidence, lowest):.4g} with total decay {LESS:g}, {shown(evidence, rung):.4g} with more"
        return close(
            settled(known, runner),
            runner,
            arms,
            before,
            name=self.name,
            goal="see whether weight decay is what makes copies lose to the current settings",
            scientific="total decay (rate × decay × steps)",
            nuisance="learning rate",
            fixed=held(evidence, "momentum", "schedule"),
            outcome=said + (": less from here on" if better else ""),
        )
