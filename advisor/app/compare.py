"""`advisor compare`: compares variants, each at its own best rate, over several seeds (Tuning Playbook)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from advisor._version import __version__
from advisor.advice.rates import rates
from advisor.app.comparison import PAGE, Comparison, Variant, judged
from advisor.app.conclude import guarded
from advisor.app.options import Options
from advisor.app.session import Session
from advisor.app.vary import hparams_for, varied
from advisor.config.hparams import HParams
from advisor.errors import UsageError
from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import BATCH_EXPONENT
from advisor.schema.base import plain
from advisor.search.observer import Observer
from advisor.search.rounds.base import SearchRound
from advisor.search.rounds.lr_ladder import LadderRound, WiderLadderRound
from advisor.search.rounds.lr_range_test import RangeRound, WiderRangeRound
from advisor.search.runner import SHORT
from advisor.utils.jsonio import dumps, write_atomic
from advisor.workers.messages import BuildRequest, ThroughputRequest

FEWEST_SEEDS = 3


def compare(
    options: Options, name: str, values: Sequence[Any], seeds: int, observer: Observer | None = None
) -> Comparison:
    """Finds each variant's own best rate, trains it under fresh seeds, and compares seed by seed with the first.

    Raises:
        AdvisorError: If the arguments or the user's file are wrong.
    """
    if seeds < FEWEST_SEEDS:
        raise UsageError(f"--seeds of {FEWEST_SEEDS} or more", str(seeds), "fewer cannot tell noise from effect")
    started = datetime.now(UTC).isoformat(timespec="seconds")
    with Session(options, observer) as session:
        task = session.load()
        for value in values:
            current, keywords = varied(task.current, name, value)
            session.engine.ask(BuildRequest(keywords, hparams_for(current, name, value).optimizer_keywords()))
        _check_budget(options.budget, len(values), seeds)
        runner, folder = session.begin(), session.folder
        session.observer.waiting("timing a few steps")
        timed = session.engine.ask(ThroughputRequest(0))  # The current batch size only.
        runner.charge(timed.train_examples)
        session.engine.expect(timed.rows[0].step_seconds, timed.rows[0].batch_size)
        found = [_measure(session, name, value, seeds, after=len(values) - i) for i, value in enumerate(values, 1)]
    held = [key for key in ("optimizer", "batch_size", "weight_decay", "schedule", "epochs") if key != name]
    result = Comparison(
        name=name,
        variants=(found[0], *(judged(found[0], variant) for variant in found[1:])),
        length=runner.short,
        fixed=f"{', '.join(held)}, seeds, batches; the rate is re-tuned for each",
        objective="validation loss",
        full_runs=runner.full_runs,
        folder=folder,
        provenance={
            "advisor": __version__,
            "torch": task.facts.torch,
            "device": task.facts.device,
            "seed": options.seed,
            "command": options.command,
            "started": started,
        },
    )
    guarded(folder, options.command or "the same call again", lambda: _write(result))
    return result


def _write(result: Comparison) -> None:
    from advisor.report.comparison_page import render_comparison
    from advisor.report.index import write_index

    report = result.report
    write_atomic(result.folder.path / "compare.json", dumps(plain(report), indent=1) + "\n")
    write_atomic(result.folder.path / PAGE, render_comparison(report))
    write_index(result.folder.path.parent.parent)


def _share(seeds: int) -> float:
    """Cost of one variant in full runs: range test, ladder with two spare rungs, and fresh seeds."""
    return 0.1 + (5 + seeds) * SHORT


def _check_budget(budget: float, variants: int, seeds: int) -> None:
    need = variants * _share(seeds)
    if need > budget:
        raise UsageError(
            f"a budget for {variants} variants under {seeds} seeds: about {need:.1f} full runs",
            f"--budget {budget:g}",
            "raise it, or compare fewer values",
        )


def _measure(session: Session, name: str, value: Any, seeds: int, after: int) -> Variant:
    """Range test and ladder for this variant, then its best rate under seeds that the ladder has not used.

    Both are widened if the budget then still covers the seeds and the variants ``after`` this one.
    """
    runner = session.runner
    current, runner.model_kwargs = varied(session.task.current, name, value)
    evidence = session.evidence(current, current_given=True, choice=hparams_for(current, name, value))
    rounds: list[SearchRound] = [RangeRound(), WiderRangeRound(), LadderRound(), *[WiderLadderRound()] * 3]
    for search_round in rounds:
        specs = search_round.specs(evidence, runner)
        kept = after * _share(seeds) + seeds * runner.price(runner.cycle(evidence.choice, runner.short))
        wider = isinstance(search_round, (WiderRangeRound, WiderLadderRound))
        if specs and not (wider and sum(map(runner.price, specs)) > runner.left - kept):
            evidence = search_round.run(evidence, runner)
    choice = _at_own_batch(evidence)
    specs = [runner.cycle(choice, runner.short, seed=100 + i, label=f"{name}={value},seed={i}") for i in range(seeds)]
    arms = runner.run(RoundName.COMPARE, specs)
    told = rates(evidence, [response.knob for response in evidence.responses])
    losses = tuple(evidence.cost(arm) for arm in arms)
    return Variant(value, choice.lr, losses, rates=told.lengths[-1] if told else None)


def _at_own_batch(evidence: Evidence) -> HParams:
    """The incumbent at the variant's own batch size."""
    choice, size = evidence.choice, evidence.current.batch_size
    return choice.with_(lr=choice.lr * (size / choice.batch_size) ** BATCH_EXPONENT, batch_size=size)
