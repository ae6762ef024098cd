"""Half the batch at equal examples: twice the steps for the same data, at a price in time."""

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import noise_of
from advisor.evidence.round_name import RoundName
from advisor.records.spec import ProbeSpec
from advisor.search.rounds.base import close, held, respond
from advisor.search.rounds.lr_ladder import best_rung, ladder_arms
from advisor.search.runner import Lab
from advisor.utils.numbers import rate as rate_text

SMALLEST = 8
_WORTH = 0.25


class BatchRound:
    """The best rung at half the batch size, paired with it seed by seed."""

    name = RoundName.BATCH
    purpose = "half the batch size at equal examples"
    typical = (2, 1 / 16)

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """The best rung and its repeats, at half the batch."""
        half = evidence.current.batch_size // 2
        best = best_rung(evidence)
        if evidence.of_round(self.name) or evidence.overfits or half < SMALLEST or best is None:
            return []
        recipe = evidence.choice.with_(lr=best.spec.lr, batch_size=half)
        seeds = [arm.spec.seed - lab.seed for arm in _pairs(evidence)]
        label = f"batch={half},lr={rate_text(recipe.lr)}"
        return [lab.cycle(recipe, lab.short, seed=seed, label=label) for seed in seeds]

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs them; the smaller batch is taken if it wins on average and clearly loses under no seed."""
        before = lab.full_runs
        arms = lab.run(self.name, self.specs(evidence, lab))
        rivals = _pairs(evidence)
        context = f"equal examples, {held(evidence, 'weight_decay', 'momentum')}"
        response = respond(
            evidence, "batch_size", "log", [*rivals, *arms], lambda arm: float(arm.spec.batch_size), context
        )
        gains = [evidence.cost(old) - evidence.cost(new) for old, new in zip(rivals, arms, strict=True)]
        noise = noise_of(evidence)
        gain = sum(gains) / len(gains)
        wins = gain > _WORTH * noise and min(gains) > -_WORTH * noise
        choice = evidence.choice.with_(batch_size=arms[0].spec.batch_size) if wins else evidence.choice
        known = evidence.with_(responses=(*evidence.responses, response), choice=choice)
        said = ", ".join(f"{value:+.3g}" for value in gains)
        return close(
            known,
            lab,
            arms,
            before,
            name=self.name,
            goal="does the run take enough steps? compare half the batch at equal examples",
            scientific="batch size",
            nuisance="learning rate: the optimum is flat enough for the same rate to serve both",
            fixed=held(evidence, "weight_decay", "momentum", "schedule"),
            outcome=f"batch {arms[0].spec.batch_size} gains {said} under {len(gains)} seeds: "
            + ("better" if wins else "not better beyond the noise"),
        )


def _pairs(evidence: Evidence) -> list[Arm]:
    """The best rung and its repeats with other seeds."""
    best = best_rung(evidence)
    if best is None:
        return []
    same = [arm for arm in ladder_arms(evidence) if arm.spec.with_seed(0).key == best.spec.with_seed(0).key]
    return sorted(same, key=lambda arm: arm.spec.seed)
