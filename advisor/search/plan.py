"""The plan that is printed before anything is spent: which rounds, what they cost, what fits."""

from dataclasses import dataclass

from advisor.evidence.evidence import Evidence
from advisor.search.rounds import ROUNDS
from advisor.search.rounds.seed_noise import NoiseRound, noise_examples
from advisor.search.runner import EVALUATION_WEIGHT, SHORT, Lab


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


def plan(evidence: Evidence, lab: Lab) -> list[PlannedRound]:
    """Expected rounds in their order; the agent changes it with what it finds.

    What is known at the beginning is priced as it will be run, the rest by what is typical.
    """
    lines: list[PlannedRound] = []
    spent = lab.full_runs
    look = EVALUATION_WEIGHT * lab.eval_examples / lab.full_run_examples
    for probing in ROUNDS:
        probes, length = probing.typical
        if specs := probing.specs(evidence, lab):
            probes, cost = len(specs), sum(map(lab.price, specs))
        else:
            gradients = noise_examples(lab) / lab.full_run_examples if isinstance(probing, NoiseRound) else 0.0
            cost = probes * ((lab.short if length == SHORT else length) + look + gradients)
        fits = spent + cost <= lab.budget
        spent += cost if fits else 0.0
        lines.append(PlannedRound(probing.name, probing.purpose, probes, cost, fits))
    return lines
