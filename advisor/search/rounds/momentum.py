"""Momentum: a larger constant, and the cycle that falls while the rate rises."""

from advisor.config.hparams import Recipe
from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import noise_of
from advisor.evidence.round_name import RoundName
from advisor.records.spec import ProbeSpec
from advisor.search.rounds.base import close, held, respond, significant
from advisor.search.runner import Lab

LARGER = 0.95


class MomentumRound:
    """The present constant, 0.95 constant, and 0.95 to 0.85 cycled (S-M1, S-M2)."""

    name = RoundName.MOMENTUM
    purpose = "momentum 0.95, constant and cycled to 0.85"
    typical = (3, 1 / 16)

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """The three, the rate moved so that rate / (1 - momentum) stays."""
        done = evidence.of_round(self.name) or not evidence.of_round(RoundName.LADDER)
        if done or evidence.choice.momentum is None:
            return []
        return [
            lab.cycle(
                recipe,
                lab.short,
                label=f"momentum={recipe.momentum}{'-cycled' if recipe.cycle_momentum else ''}",
            )
            for recipe in candidates(evidence.choice)
        ]

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs them; a change is taken only if it wins beyond the noise."""
        before = lab.full_runs
        recipes = candidates(evidence.choice)
        arms = lab.run(self.name, self.specs(evidence, lab))
        constant = [arm for arm, recipe in zip(arms, recipes, strict=True) if not recipe.cycle_momentum]
        context = f"rate / (1 - momentum) kept, {held(evidence, 'batch_size', 'weight_decay')}"
        response = respond(evidence, "momentum", "linear", constant, lambda arm: arm.spec.momentum or 0.0, context)
        costs = [evidence.cost(arm) for arm in arms]
        noise = noise_of(evidence)
        best = min(range(len(arms)), key=costs.__getitem__)
        wins = best > 0 and costs[best] < costs[0] - noise
        choice = recipes[best] if wins else evidence.choice
        known = evidence.with_(responses=(*evidence.responses, response), choice=choice)
        what = f"{choice.momentum}{' cycled' if choice.cycle_momentum else ''}"
        return close(
            known,
            lab,
            arms,
            before,
            name=self.name,
            goal="set momentum as large as stays stable, or cycle it against the rate",
            scientific="momentum and its cycle",
            nuisance="learning rate, scaled to keep rate / (1 - momentum)",
            fixed=held(evidence, "batch_size", "weight_decay", "schedule"),
            outcome=f"momentum {what}" + (" wins beyond the noise" if wins else " kept: nothing better beyond noise"),
        )


def candidates(choice: Recipe) -> list[Recipe]:
    """The present momentum first, then the larger one constant and cycled."""
    assert choice.momentum is not None
    scale = (1 - LARGER) / (1 - choice.momentum)
    mean_scale = (1 - (LARGER - 0.05)) / (1 - choice.momentum)
    larger = choice.with_(momentum=LARGER, lr=significant(choice.lr * scale), cycle_momentum=False)
    cycled = choice.with_(momentum=LARGER, lr=significant(choice.lr * mean_scale), cycle_momentum=True)
    return [choice, larger, cycled]
