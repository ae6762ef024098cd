"""How much does the seed alone change the result? The best short run once more, with another seed."""

import math
from dataclasses import replace
from statistics import stdev

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import ladder
from advisor.evidence.round_name import RoundName
from advisor.records.spec import ProbeSpec
from advisor.search.rounds.base import close, respond
from advisor.search.rounds.lr_ladder import best_rung, ladder_arms
from advisor.search.runner import Lab

_REPEATS = 1
_NOISE_SHARE = 0.6
"""The gradient noise scale may cost this part of a short run: one pass over the data, where it trains for 30 epochs."""
_SAMPLING = 0.3
"""Two runs say little about their spread; it is averaged with this share of the validation loss's standard error,
most of which is common to paired arms."""


def noise_examples(lab: Lab) -> int:
    """Examples whose gradients a repeat takes at most."""
    return min(lab.train_size, round(_NOISE_SHARE * lab.short * lab.full_run_examples))


class NoiseRound:
    """Repeats of the best rung."""

    name = RoundName.NOISE
    purpose = "repeat with another seed: how large is the noise?"
    typical = (1, 1 / 16)

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """The best finished rung under further seeds."""
        if evidence.of_round(self.name):
            return []
        best = best_rung(evidence)
        if best is None:
            return []
        measured = noise_examples(lab)
        repeats = [replace(best.spec, seed=best.spec.seed + 1 + i, noise_examples=measured) for i in range(_REPEATS)]
        paired_batch = 2 * len(repeats)
        needed = lab.price(repeats[0]) + paired_batch * lab.price(best.spec)
        if not evidence.of_round(RoundName.BATCH) and lab.left < needed:
            return []  # A small budget is better spent on the batch size, under one seed.
        return repeats

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs the repeats and refits the ladder with the noise known."""
        before = lab.full_runs
        best = best_rung(evidence)
        assert best is not None
        arms = lab.run(self.name, self.specs(evidence, lab))
        costs = [evidence.cost(best), *(evidence.cost(arm) for arm in arms)]
        finite = [cost for cost in costs if math.isfinite(cost)]
        noise = stdev(finite) if len(finite) > 1 else math.nan
        if math.isfinite(noise) and math.isfinite(best.trace.val_loss_se) and evidence.objective.is_loss:
            noise = math.sqrt((noise**2 + (_SAMPLING * best.trace.val_loss_se) ** 2) / 2)
        failed = len(costs) - len(finite)
        known = evidence.with_(noise=noise)
        rungs = ladder(evidence)
        if rungs is not None:
            refit = respond(known, "lr", "log", ladder_arms(evidence), lambda arm: arm.spec.lr, rungs.context)
            kept = tuple(item for item in evidence.responses if item is not rungs)
            known = known.with_(responses=(*kept, refit))
        outcome = f"standard deviation between seeds about {noise:.3g}" if math.isfinite(noise) else "not measured"
        return close(
            known,
            lab,
            arms,
            before,
            name=self.name,
            goal="learn how large a difference must be to mean something",
            scientific="seed (weights, batch order)",
            nuisance="none",
            fixed="everything of the best short run",
            outcome=outcome + (f"; {failed} of {len(costs)} seeds diverged" if failed else ""),
        )
