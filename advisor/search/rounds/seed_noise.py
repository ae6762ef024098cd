"""Noise between seeds: repeats the best copy of the ladder with another seed."""

import math
from dataclasses import replace
from statistics import stdev

from advisor.evidence.evidence import Evidence
from advisor.evidence.limit import best_rung
from advisor.evidence.round_name import RoundName
from advisor.records.spec import ProbeSpec
from advisor.search.incumbent import settled
from advisor.search.rounds.base import close
from advisor.search.runner import ProbeRunner

_ENOUGH = 1.5
"""Budget from which on a repeat is run; below it, the seeds of the last comparison are used."""
_NOISE_SHARE = 0.6
"""Maximum cost of the gradient noise scale as a share of a short run."""
_SAMPLING = 0.3
"""Two runs estimate their spread poorly; it is averaged with this share of the validation loss's standard error,
most of which is shared by paired arms."""


def noise_examples(runner: ProbeRunner) -> int:
    """Maximum number of examples for the gradients of a repeat."""
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
        """Runs the probe and refits the ladder with the measured noise."""
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
