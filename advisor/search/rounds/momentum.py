"""Momentum: a larger constant, and the cycle that falls while the rate rises, in long runs under two seeds."""

from statistics import mean

from advisor.config.hparams import HParams
from advisor.evidence.comparison import SEEDS, long_pairs
from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import noise_of
from advisor.evidence.round_name import RoundName
from advisor.records.spec import ProbeSpec
from advisor.search.incumbent import with_decay
from advisor.search.response import respond, significant
from advisor.search.rounds.base import close, held
from advisor.search.runner import ProbeRunner

LARGER = 0.95


class MomentumRound:
    """Momentum 0.95 constant and 0.95 to 0.85 cycled (S-M1, S-M2), beside the runs of the recommended settings."""

    name = RoundName.MOMENTUM
    purpose = "momentum 0.95, constant and cycled to 0.85, in long runs"
    typical = (0, 0.0)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """Pairs of the last comparison's runs, with the rate scaled to keep rate / (1 - momentum)."""
        rivals = long_pairs(evidence)
        if evidence.of_round(self.name) or not rivals or evidence.choice.momentum is None or evidence.keep:
            return []
        length = rivals[0].length
        recipes = [with_decay(hparams, evidence, runner, length) for hparams in candidates(evidence.choice)]
        return [
            runner.cycle(
                hparams,
                length,
                seed=arm.spec.seed - runner.seed,
                label=f"momentum={hparams.momentum}{'-cycled' if hparams.cycle_momentum else ''}",
            )
            for hparams in recipes
            for arm in rivals
        ]

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs the probes; a change is accepted only if it wins under every seed, and beyond the noise on average."""
        before = runner.full_runs
        arms = runner.run(self.name, self.specs(evidence, runner))
        rivals = long_pairs(evidence)
        recipes = candidates(evidence.choice)
        constant = [*rivals, *arms[:SEEDS]]
        context = f"rate / (1 - momentum) kept, {held(evidence, 'batch_size')}"
        response = respond(evidence, "momentum", "linear", constant, lambda arm: arm.spec.momentum or 0.0, context)
        gains = [
            [evidence.cost(old) - evidence.cost(new) for old, new in zip(rivals, part, strict=True)]
            for part in (arms[:SEEDS], arms[SEEDS:])
        ]
        best = max(range(len(gains)), key=lambda i: mean(gains[i]))
        wins = min(gains[best]) > 0 and mean(gains[best]) > noise_of(evidence)
        choice = evidence.choice
        if wins:
            choice = with_decay(recipes[best], evidence, runner, evidence.length)
        what = f"{choice.momentum}{' cycled' if choice.cycle_momentum else ''}"
        return close(
            evidence.with_(responses=(*evidence.responses, response), choice=choice),
            runner,
            arms,
            before,
            name=self.name,
            goal="set momentum as large as stays stable, or cycle it against the rate",
            scientific="momentum and its cycle",
            nuisance="learning rate, scaled to keep rate / (1 - momentum)",
            fixed=held(evidence, "batch_size", "schedule"),
            outcome=f"momentum {what}" + (" wins beyond the noise" if wins else " kept: nothing better beyond noise"),
        )


def candidates(choice: HParams) -> list[HParams]:
    """The larger momentum, constant and cycled."""
    assert choice.momentum is not None
    scale = (1 - LARGER) / (1 - choice.momentum)
    mean_scale = (1 - (LARGER - 0.05)) / (1 - choice.momentum)
    larger = choice.with_(momentum=LARGER, lr=significant(choice.lr * scale), cycle_momentum=False)
    cycled = choice.with_(momentum=LARGER, lr=significant(choice.lr * mean_scale), cycle_momentum=True)
    return [larger, cycled]
