"""The loop: rules say what is open, the first affordable round that settles it is run, until nothing is."""

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from advisor._version import __version__
from advisor.advice.choice import Choice, choose
from advisor.advice.report_data import cost_data, report_data
from advisor.config import Config
from advisor.errors import EXIT_ADVICE, EXIT_INTERRUPTED, EXIT_UNTRAINABLE, UsageError
from advisor.lab import Lab, Listener
from advisor.ledger import Ledger
from advisor.options import Options, check_options
from advisor.plan import PlannedRound, plan
from advisor.probes.engines.local import LocalEngine
from advisor.probes.preflight_result import PreflightResult
from advisor.recipe import Recipe
from advisor.rounds import ROUNDS, Probing
from advisor.rounds.carry import carried, forecast
from advisor.rules import RULES
from advisor.rules.engine import judge, wanted
from advisor.rules.evidence import Evidence, Objective
from advisor.rules.finding import Finding
from advisor.rules.selection import selected
from advisor.rundir import RunDir

_MOST_ROUNDS = 40
_PREFLIGHT_SHARE = 0.04


class Watcher(Listener, Protocol):
    """Is told everything a person may want to see."""

    def loaded(self, facts: dict[str, Any]) -> None:
        """The user's file is understood."""

    def planned(self, lines: Sequence[PlannedRound], lab: Lab, step_seconds: float) -> None:
        """What will be run, and what it costs."""

    def round_started(self, probing: Probing, lab: Lab) -> None:
        """A round begins."""

    def round_ended(self, evidence: Evidence, lab: Lab) -> None:
        """A round ended with an outcome."""

    def waiting(self, what: str) -> None:
        """Something that is no probe takes a moment."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a diagnosis came to.

    Attributes:
        report: As report.json holds it.
        folder: The run directory.
        exit_code: 0 advice, 1 untrainable, 130 interrupted.
    """

    report: dict[str, Any]
    folder: RunDir
    exit_code: int


def diagnose(options: Options, watcher: Watcher) -> Outcome:
    """Runs a whole diagnosis.

    Raises:
        AdvisorError: If the arguments or the user's file are wrong; nothing is written then.
    """
    check_options(options)
    rules = selected(RULES, options.select, options.ignore)
    started = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    engine = LocalEngine(options.workers, device=options.device)
    try:
        watcher.waiting("loading the task")
        request = {
            "path": str(Path(options.path)), "names": options.names, "settings": options.settings,
            "device": options.device,
        }  # fmt: skip
        facts = engine.open(request)
        objective = _objective(facts, options.objective)
        watcher.loaded(facts)
        folder = RunDir(options.out, facts["name"], options.run)
        ledger = Ledger(folder.ledger, folder.siblings)
        try:
            return _run(options, watcher, engine, ledger, folder, facts, objective, rules, started)
        finally:
            ledger.close()
    finally:
        engine.close()


def _run(
    options: Options,
    watcher: Watcher,
    engine: LocalEngine,
    ledger: Ledger,
    folder: RunDir,
    facts: dict[str, Any],
    objective: Objective,
    rules: Sequence[Any],
    started: str,
) -> Outcome:
    current = Config.from_dict(facts["current"])
    lab = Lab(
        engine=engine,
        ledger=ledger,
        listener=watcher,
        train_size=facts["train_size"],
        val_size=facts["val_size"],
        epochs=current.epochs,
        fingerprint=facts["fingerprint"],
        seed=options.seed,
        budget=options.budget,
    )
    evidence = Evidence(
        facts=facts,
        profile={"inferred": facts["inferred"]},
        current=current,
        current_given=facts["current_given"],
        objective=objective,
        full_run_examples=lab.full_run_examples,
        choice=Recipe.starting_from(current),
    )
    interrupted = False
    try:
        evidence = _first_look(evidence, lab, options, watcher)
        evidence = _loop(evidence, lab, rules, watcher, options)
    except KeyboardInterrupt:
        interrupted = True
        evidence = lab.latest or evidence
    evidence = _conclude(evidence, lab)
    findings = judge(evidence, rules)
    stopped = any(finding.judgement.stops for finding in findings)
    known = bool(evidence.of_round("ladder"))
    choice = choose(evidence, findings) if known and not stopped else None
    status = "untrainable" if stopped else "interrupted" if interrupted else "advice"
    report = report_data(
        evidence,
        findings,
        choice,
        status=status,
        cost=cost_data(lab.spent, lab.full_run_examples, lab.budget),
        name=facts["name"],
        run=folder.run,
        provenance={
            "advisor": __version__, "torch": facts["torch"], "python": platform.python_version(),
            "platform": platform.platform(), "device": facts["device"], "seed": options.seed,
            "command": options.command, "started": started, "task_fingerprint": facts["fingerprint"],
        },
    )  # fmt: skip
    _write(folder, report, choice, evidence)
    code = {"untrainable": EXIT_UNTRAINABLE, "interrupted": EXIT_INTERRUPTED, "advice": EXIT_ADVICE}[status]
    return Outcome(report, folder, code)


def _first_look(evidence: Evidence, lab: Lab, options: Options, watcher: Watcher) -> Evidence:
    """Preflight, timing and the data's complexity; then the plan."""
    watcher.waiting("a first look at model and data")
    seconds = float(lab.engine.ask("time"))
    if options.minutes is not None:
        full_run = seconds * lab.steps(1.0, evidence.current.batch_size) / lab.engine.workers
        lab.budget = min(lab.budget, options.minutes * 60.0 / max(full_run, 1e-9))
        lab.deadline = time.monotonic() + options.minutes * 60.0
    allowed = round(_PREFLIGHT_SHARE * min(1.0, lab.budget) * lab.full_run_examples)
    before = time.perf_counter()
    preflight = PreflightResult.from_dict(lab.engine.ask("preflight", examples=allowed))
    lab.charge(preflight.train_examples, time.perf_counter() - before)
    watcher.planned(plan(lab), lab, seconds)
    profile = lab.engine.ask("profile")
    evidence = evidence.with_(preflight=preflight, profile=profile)
    lab.latest = evidence
    return evidence


def _loop(evidence: Evidence, lab: Lab, rules: Sequence[Any], watcher: Watcher, options: Options) -> Evidence:
    """Until no rule wants a round that is still affordable."""
    for _ in range(_MOST_ROUNDS):
        findings = judge(evidence, rules)
        if any(finding.judgement.stops for finding in findings):
            break
        probing = _next(evidence, lab, findings)
        if probing is None or lab.late():
            break
        watcher.round_started(probing, lab)
        evidence = probing.run(evidence, lab)
        lab.latest = evidence
        watcher.round_ended(evidence, lab)
    return evidence


def _next(evidence: Evidence, lab: Lab, findings: Sequence[Finding]) -> Probing | None:
    """The first round, in their order, that a rule wants, that has probes left, and that is affordable."""
    names = set(wanted(findings))
    for probing in ROUNDS:
        if probing.name not in names:
            continue
        specs = probing.specs(evidence, lab)
        if specs and lab.affordable(specs):
            return probing
    return None


def _conclude(evidence: Evidence, lab: Lab) -> Evidence:
    """Carries the choice to the length that is advised, and predicts its result."""
    if not evidence.of_round("ladder"):
        return evidence
    return evidence.with_(choice=carried(evidence), forecast=forecast(evidence))


def _objective(facts: dict[str, Any], asked: str) -> Objective:
    metric = facts["metric"]
    if asked == "metric" and metric is None:
        raise UsageError("a metric in the file, for --objective metric", "none", "define metric(outputs, targets)")
    if metric is None or asked == "loss" or (asked == "auto" and not metric["from_user"]):
        return Objective()
    return Objective(metric["name"], metric["higher_is_better"], False)


def _write(folder: RunDir, report: dict[str, Any], choice: Choice | None, evidence: Evidence) -> None:
    from advisor.jsonio import clean, write_atomic
    from advisor.report.html import render
    from advisor.report.index import write_index
    from advisor.report.tensorboard import write as write_tensorboard

    comment = f"{report['verdict']}\nMade by advisor {__version__}; why: report.html beside this file."
    folder.write(report, choice.config if choice else None, comment)
    strict = clean(report)
    write_atomic(folder.page, render(strict))
    write_tensorboard(folder.tensorboard, [(arm.spec, arm.trace, arm.round) for arm in evidence.arms], strict)
    write_index(folder.path.parent.parent)
