"""The plan that is printed before any probe: expected rounds, their cost, and what fits into the budget."""

from advisor.evidence.evidence import Evidence
from advisor.schema.planning import PlanRound
from advisor.search.rounds import ROUNDS
from advisor.search.rounds.seed_noise import NoiseRound, noise_examples
from advisor.search.runner import EVALUATION_WEIGHT, SHORT, ProbeRunner


def plan(evidence: Evidence, runner: ProbeRunner) -> list[PlanRound]:
    """Expected rounds in order; the search deviates from them depending on results.

    Rounds whose probes are known in advance are priced exactly, the others by a typical cost.
    """
    lines: list[PlanRound] = []
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
        lines.append(
            PlanRound(name=search_round.name, purpose=search_round.purpose, probes=probes, full_runs=cost, fits=fits)
        )
    return lines
