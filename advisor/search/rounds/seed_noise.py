"""How much does the seed alone change the result? The best copy of the ladder once more, with another seed."""

import math
from dataclasses import replace
from statistics import stdev

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.records.spec import ProbeSpec
from advisor.search.incumbent import settled
from advisor.search.rounds.base import close
from advisor.search.rounds.lr_ladder import best_rung
from advisor.search.runner import ProbeRunner

_ENOUGH = 1.5
"""Budget from which on a repeat is bought; below it, the seeds of the last comparison tell."""
_NOISE_SHARE = 0.6
"""The gradient noise scale may cost this part of a short run: one pass over the data, where it trains for 30 epochs."""
_SAMPLING = 0.3
"""Two runs say little about their spread; it is averaged with this share of the validation loss's standard error,
most of which is common to paired arms."""


def noise_examples(runner: ProbeRunner) -> int:
    """Examples whose gradients a repeat takes at most."""
    return min(runner.train_size, round(_NOISE_SHARE * runner.short * runner.full_run_examples))


class NoiseRound:
    """A repeat of the ladder's best copy."""

    name = RoundName.NOISE
    purpose = "repeat with another seed: how large is the noise?"
    typical = (1, 1 / 20)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """The best finished copy under another seed, on the same part of the data."""
        best = best_rung(evidence)
        if evidence.of_round(self.name) or best is None or runner.budget < _ENOUGH:
            return []
        return [replace(best.spec, seed=best.spec.seed + 1, noise_examples=noise_examples(runner))]

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs it and refits the ladder with the noise known."""
        before = runner.full_runs
        best = best_rung(evidence)
        assert best is not None
        arms = runner.run(self.name, self.specs(evidence, runner))
        costs = [evidence.cost(best), *(evidence.cost(arm) for arm in arms)]
        finite = [cost for cost in costs if math.isfinite(cost)]
        noise = stdev(finite) if len(finite) > 1 else math.nan
        if math.isfinite(noise) and math.isfinite(best.trace.val_loss_se) and evidence.objective.is_loss:
            noise = math.sqrt((noise**2 + (_SAMPLING * best.trace.val_loss_se) ** 2) / 2)
        failed = len(costs) - len(finite)
        outcome = f"standard deviation between seeds about {noise:.3g}" if math.isfinite(noise) else "not measured"
        return close(
            settled(evidence.with_(noise=noise, arms=evidence.arms + arms), runner),
            runner,
            arms,
            before,
            name=self.name,
            goal="learn how large a difference must be to mean something",
            scientific="seed (weights, batch order)",
            nuisance="none",
            fixed="everything of the best copy",
            outcome=outcome + (f"; {failed} of {len(costs)} seeds diverged" if failed else ""),
        )
