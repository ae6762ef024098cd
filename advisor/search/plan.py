"""The plan that is printed before anything is spent: which rounds, what they cost, what fits."""

from dataclasses import dataclass

from advisor.evidence.evidence import Evidence
from advisor.search.rounds import ROUNDS
from advisor.search.rounds.seed_noise import NoiseRound, noise_examples
from advisor.search.runner import EVALUATION_WEIGHT, SHORT, ProbeRunner


@dataclass(frozen=True, slots=True)
class PlannedRound:
    """One line of the plan.

    Attributes:
        name: Of the round.
        purpose: The question it answers.
        probes: How many runs; 0 if that depends on what is found.
        full_runs: What they cost.
        fits: Whether the budget is expected to reach that far.
    """

    name: str
    purpose: str
    probes: int
    full_runs: float
    fits: bool


def plan(evidence: Evidence, runner: ProbeRunner) -> list[PlannedRound]:
    """Expected rounds in their order; the agent changes it with what it finds.

    What is known at the beginning is priced as it will be run, the rest by what is typical.
    """
    lines: list[PlannedRound] = []
    spent = runner.full_runs
    look = EVALUATION_WEIGHT * runner.eval_examples / runner.full_run_examples
    for search_round in ROUNDS:
        probes, length = search_round.typical
        if specs := search_round.specs(evidence, runner):
            probes, cost = len(specs), sum(map(runner.price, specs))
        else:
            gradients = (
                noise_examples(runner) / runner.full_run_examples if isinstance(search_round, NoiseRound) else 0.0
            )
            if not probes:
                continue  # Run only where something asks for it that cannot be foreseen.
            cost = probes * ((runner.short if length == SHORT else length) + look + gradients)
        fits = spent + cost <= runner.budget
        spent += cost if fits else 0.0
        lines.append(PlannedRound(search_round.name, search_round.purpose, probes, cost, fits))
    return lines
