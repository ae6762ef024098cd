"""The recommended against the current batch size at equal examples, each at its own rate, if the budget allows."""

from advisor.evidence.comparison import long_pairs
from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import BATCH_EXPONENT
from advisor.records.spec import ProbeSpec
from advisor.search.incumbent import with_decay
from advisor.search.response import respond, significant
from advisor.search.rounds.base import close, held
from advisor.search.runner import ProbeRunner
from advisor.utils.numbers import rate as rate_text


class BatchRound:
    """Repeats the runs of the recommended settings at the current batch size, seed by seed."""

    name = RoundName.BATCH
    purpose = "the batch size in use against the advised one, in long runs"
    typical = (0, 0.0)

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """Pairs of the last comparison's runs, if those were a quarter of the run or more."""
        rivals = long_pairs(evidence)
        size, choice = evidence.current.batch_size, evidence.choice
        if evidence.of_round(self.name) or not rivals or size == choice.batch_size or evidence.keep:
            return []
        factor = (size / choice.batch_size) ** BATCH_EXPONENT
        hparams = choice.with_(batch_size=size, lr=significant(choice.lr * factor))
        length = rivals[0].length
        hparams = with_decay(hparams, evidence, runner, length)
        label = f"batch={size},lr={rate_text(hparams.lr)}"
        return [runner.cycle(hparams, length, seed=arm.spec.seed - runner.seed, label=label) for arm in rivals]

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs the probes; keeps the current batch size unless the recommended one does better under every seed."""
        before = runner.full_runs
        arms = runner.run(self.name, self.specs(evidence, runner))
        rivals = long_pairs(evidence)
        context = f"equal examples, {held(evidence, 'momentum')}"
        response = respond(
            evidence, "batch_size", "log", [*rivals, *arms], lambda arm: float(arm.spec.batch_size), context
        )
        gains = [evidence.cost(old) - evidence.cost(new) for old, new in zip(arms, rivals, strict=True)]
        better = min(gains) > 0
        choice = evidence.choice
        if not better:
            size = evidence.current.batch_size
            hparams = choice.with_(batch_size=size, lr=arms[0].spec.lr)
            choice = with_decay(hparams, evidence, runner, evidence.length)
        said = ", ".join(f"{value:+.3g}" for value in gains)
        return close(
            evidence.with_(responses=(*evidence.responses, response), choice=choice),
            runner,
            arms,
            before,
            name=self.name,
            goal="is half the batch worth its time? compare at equal examples",
            scientific="batch size",
            nuisance="learning rate, by batch ** 0.4; weight decay, by its total",
            fixed=held(evidence, "momentum", "schedule"),
            outcome=f"batch {rivals[0].spec.batch_size} gains {said} on {arms[0].spec.batch_size} under "
            f"{len(gains)} seeds: " + ("better" if better else "not better"),
        )
