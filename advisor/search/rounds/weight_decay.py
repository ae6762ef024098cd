"""Weight decay: a few values on either side of the present one, paired with it."""

from advisor.evidence.decay_grid import decay_grid
from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import noise_of
from advisor.evidence.round_name import RoundName
from advisor.records.spec import ProbeSpec
from advisor.search.rounds.base import close, held, respond
from advisor.search.runner import Lab


class DecayRound:
    """The grid that data complexity suggests, at the chosen rate."""

    name = RoundName.DECAY
    purpose = "weight decay: values that the data's complexity suggests"
    typical = (2, 1 / 16)

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """The grid, the present value among it, as far as the budget goes."""
        if evidence.of_round(self.name) or not evidence.of_round(RoundName.LADDER):
            return []
        grid = decay_grid(evidence)
        specs = [
            lab.cycle(evidence.choice.with_(weight_decay=value), lab.short, label=f"weight_decay={value:g}")
            for value in grid
        ]
        return specs

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs the grid; another value is taken only if it wins beyond the noise."""
        before = lab.full_runs
        arms = lab.run(self.name, self.specs(evidence, lab))
        context = held(evidence, "lr", "batch_size", "momentum")
        response = respond(evidence, "weight_decay", "log", arms, lambda arm: arm.spec.weight_decay, context)
        present = next(arm for arm in arms if arm.spec.weight_decay == evidence.choice.weight_decay)
        best = min(arms, key=evidence.cost)
        noise = noise_of(evidence)
        wins = evidence.cost(best) < evidence.cost(present) - noise
        value = best.spec.weight_decay if wins else evidence.choice.weight_decay
        known = evidence.with_(
            responses=(*evidence.responses, response), choice=evidence.choice.with_(weight_decay=value)
        )
        return close(
            known,
            lab,
            arms,
            before,
            name=self.name,
            goal="balance regularisation: does another weight decay do better?",
            scientific="weight decay",
            nuisance="none at this budget",
            fixed=held(evidence, "lr", "batch_size", "momentum", "schedule"),
            outcome=f"{value:g} is better beyond the noise"
            if wins
            else "no value beats the present one beyond the noise",
        )
