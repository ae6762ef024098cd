"""`advisor compare`: compares variants, each at its own best rate, over several seeds (Tuning Playbook)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import mean, stdev
from typing import Any, get_args

from advisor._version import __version__
from advisor.advice.rates import rates
from advisor.app.conclude import guarded
from advisor.app.options import Options
from advisor.app.run_dir import RunDir
from advisor.app.session import Session
from advisor.config.config import Config, parse_yaml
from advisor.config.hparams import HParams, start_momentum
from advisor.config.schedule import ScheduleKind
from advisor.errors import UsageError
from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import BATCH_EXPONENT
from advisor.records.spec import Keywords
from advisor.schema import comparison as schema
from advisor.schema.base import Facts, checked, plain
from advisor.schema.comparison import CompareCost, ComparisonReport
from advisor.schema.responses import RatesAtLength
from advisor.search.observer import Observer
from advisor.search.rounds.base import SearchRound
from advisor.search.rounds.lr_ladder import LadderRound, WiderLadderRound
from advisor.search.rounds.lr_range_test import RangeRound, WiderRangeRound
from advisor.search.runner import SHORT
from advisor.utils.jsonio import dumps, write_atomic
from advisor.utils.lazy_scipy import student_quantile
from advisor.workers.messages import BuildRequest, ThroughputRequest

LEVEL = 0.98
"""Level of the interval that must exclude zero: at most one false alarm in fifty comparisons."""
FEWEST_SEEDS = 3
PAGE = "compare.html"
_SETTINGS = ("optimizer", "batch_size", "momentum", "weight_decay", "schedule")


@dataclass(frozen=True, slots=True)
class Variant:
    """One compared value.

    Attributes:
        value: The value as given.
        lr: Its own best rate, from its own ladder.
        losses: Objective for each fresh seed; infinity where it diverged.
        difference: Mean paired difference to the first variant (negative is better); NaN for the first.
        low: Lower end of its interval.
        high: Upper end.
        verdict: ``reference``, ``better``, ``worse``, ``no difference beyond the noise`` or ``fails``.
        rates: Its ladder; None if it was not run.
    """

    value: Any
    lr: float
    losses: tuple[float, ...]
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan
    verdict: str = "reference"
    rates: RatesAtLength | None = None

    def as_part(self) -> schema.Variant:
        """The variant as in compare.json."""
        fields = {name: getattr(self, name) for name in Variant.__dataclass_fields__}
        return checked(schema.Variant, fields)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome of a comparison.

    Attributes:
        name: Name of the varied argument or setting.
        variants: In the order given; the first is the reference.
        length: Length of the probes, as a fraction of a full run.
        fixed: What was held fixed, in words.
        objective: Name of the objective.
        full_runs: Cost in full runs.
        folder: Folder of compare.json.
        provenance: Task, versions, device and command.
    """

    name: str
    variants: tuple[Variant, ...]
    length: float
    fixed: str
    objective: str
    full_runs: float
    folder: RunDir
    provenance: Facts

    @property
    def report(self) -> ComparisonReport:
        """The comparison as in compare.json."""
        return ComparisonReport(
            name=self.folder.path.parent.name,
            run=self.folder.path.name,
            varied=self.name,
            variants=tuple(variant.as_part() for variant in self.variants),
            length=self.length,
            fixed=self.fixed,
            objective=self.objective,
            level=LEVEL,
            cost=CompareCost(full_runs=self.full_runs),
            provenance=self.provenance,
        )

    def lines(self) -> list[str]:
        """The result as plain text."""
        out = [f"{self.name}: {self.objective} after {self.length:.2g} of a full run, each at its own best rate"]
        for variant in self.variants:
            finite = [loss for loss in variant.losses if math.isfinite(loss)]
            shown = f"{mean(finite):.4g}" if finite else "diverged"
            told = variant.verdict
            if math.isfinite(variant.difference):
                told += f" ({variant.difference:+.3g}, {variant.low:+.3g} to {variant.high:+.3g})"
            out.append(f"  {variant.value!s:<12} lr {variant.lr:<8.2g} {shown:<10} {told}")
        page = self.folder.path / PAGE
        return [*out, f"  fixed: {self.fixed}", f"  cost {self.full_runs:.2f} full runs; {page}"]


def parse_vary(text: str) -> tuple[str, list[Any]]:
    """Parses ``name=value,value,...``; values are YAML, lists in brackets included.

    Raises:
        UsageError: If it does not have that form, has fewer than two values, or a setting cannot take them.
    """
    name, equals, rest = text.partition("=")
    name, example = name.strip(), "for example --vary dropout=0,0.1,0.3 or --vary hidden=[64,64],[128]"
    try:
        values = parse_yaml(f"[{rest}]", "--vary")
    except UsageError as error:
        raise UsageError("--vary NAME=VALUE,VALUE[,...]", repr(text), example) from error
    if not equals or not name.isidentifier() or not isinstance(values, list) or len(values) < 2:
        raise UsageError("--vary NAME=VALUE,VALUE[,...]", repr(text), example)
    for value in values:
        _check_value(name, value)
    return name, values


def _check_value(name: str, value: Any) -> None:
    """Rejects values that a setting cannot take; an argument of the model may be anything."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    wanted, right = {
        "optimizer": ("names of torch.optim classes", isinstance(value, str)),
        "batch_size": ("whole numbers above 0", number and isinstance(value, int) and value > 0),
        "momentum": ("numbers from 0 to below 1", number and 0 <= value < 1),
        "weight_decay": ("numbers from 0 on (YAML reads 1e-4 as text: write 0.0001)", number and value >= 0),
        "schedule": (f"some of {', '.join(get_args(ScheduleKind))}", value in get_args(ScheduleKind)),
    }.get(name, ("", True))
    if not right:
        raise UsageError(f"--vary {name}= with {wanted}", repr(value), "correct it")


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
            current, keywords = _variant(task.current, name, value)
            session.engine.ask(BuildRequest(keywords, _recipe(current, name, value).optimizer_keywords()))
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


def judged(reference: Variant, variant: Variant) -> Variant:
    """Adds the paired difference to the reference: Student's t over seeds at ``LEVEL``.

    Positive losses are compared as logarithms, because losses of short runs vary in proportion to their size; the
    interval is converted back to the loss's unit at the reference's geometric mean.
    """
    if not all(map(math.isfinite, variant.losses)):
        return replace(variant, verdict="fails")
    if not all(map(math.isfinite, reference.losses)):
        return replace(variant, verdict="better")
    positive = min(*variant.losses, *reference.losses) > 0
    told = math.log if positive else float
    pairs = [told(mine) - told(other) for mine, other in zip(variant.losses, reference.losses, strict=True)]
    centre, spread = mean(pairs), stdev(pairs) / math.sqrt(len(pairs))
    half = student_quantile((1 + LEVEL) / 2, len(pairs) - 1) * spread
    low, high = centre - half, centre + half
    verdict = "better" if high < 0 else "worse" if low > 0 else "no difference beyond the noise"
    if positive:
        unit = math.exp(mean(math.log(loss) for loss in reference.losses))
        centre, low, high = (unit * math.expm1(value) for value in (centre, low, high))
    return replace(variant, difference=centre, low=low, high=high, verdict=verdict)


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
    current, runner.model_kwargs = _variant(session.task.current, name, value)
    evidence = session.evidence(current, current_given=True, choice=_recipe(current, name, value))
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


def _variant(current: Config, name: str, value: Any) -> tuple[Config, Keywords]:
    """The configuration and the model's keyword arguments for a value."""
    if name not in _SETTINGS:
        return current, {name: value}
    if name == "batch_size":
        return current.with_(batch_size=int(value)), {}
    if name == "optimizer" and value != current.optimizer["name"]:
        return current.with_(optimizer={"name": str(value), "lr": current.optimizer["lr"]}), {}
    if name in ("weight_decay", "momentum"):
        return current.with_(optimizer={**current.optimizer, name: float(value)}), {}
    return current, {}


def _recipe(current: Config, name: str, value: Any) -> HParams:
    hparams = HParams.starting_from(current)
    if name == "momentum":
        return hparams.with_(momentum=float(value))
    if name == "schedule":
        return hparams.with_(schedule=value)
    return hparams.with_(momentum=start_momentum(hparams.optimizer)) if name == "optimizer" else hparams
