"""The loop: rules say what is open, the first affordable round that settles it is run, until nothing is."""

import importlib
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from advisor.app.conclude import Outcome, finish, guarded
from advisor.app.engines import make_engine
from advisor.app.options import Options, check_options
from advisor.app.resume import FirstLook, changes, earlier, record, way_on
from advisor.app.run_dir import RunDir
from advisor.config.hparams import Recipe, ScheduleKind
from advisor.errors import (
    AdvisorError,
    ContractError,
    OutputLost,
    TaskLost,
    UsageError,
)
from advisor.evidence.batch_size import most_that_fit, present_row
from advisor.evidence.evidence import Evidence, Objective
from advisor.init.loop_faults import read_loop
from advisor.records.loop import LoopReading
from advisor.records.profile import ProfileResult
from advisor.records.task import TaskFacts
from advisor.rules.base import ProbeRule
from advisor.rules.engine import judge, requested_rounds, urgent_rounds
from advisor.rules.finding import Finding
from advisor.rules.selection import probe_rules
from advisor.search.plan import PlannedRound, plan
from advisor.search.rounds import ROUNDS, Probing
from advisor.search.runner import Lab, Listener
from advisor.search.store import Ledger
from advisor.utils.signals import allowed, put_off
from advisor.workers.messages import LoadedTask, PreflightRequest, ProfileRequest, ThroughputRequest
from advisor.workers.protocol import Engine

_MOST_ROUNDS = 40
_NEEDED_LATER = ("scipy.stats", "scipy.optimize", "matplotlib.figure", "matplotlib.backends.backend_svg")
_PREFLIGHT_SHARE = 0.04
_THROUGHPUT_SHARE = 0.01


class Watcher(Listener, Protocol):
    """Is told everything a person may want to see."""

    def loaded(self, task: LoadedTask) -> None:
        """The user's file is understood."""

    def planned(self, lines: Sequence[PlannedRound], lab: Lab, step_seconds: float) -> None:
        """What will be run, and what it costs."""

    def round_started(self, probing: Probing, lab: Lab) -> None:
        """A round begins."""

    def round_ended(self, evidence: Evidence, lab: Lab) -> None:
        """A round ended with an outcome."""

    def waiting(self, what: str) -> None:
        """Something that is no probe takes a moment."""

    def noticed(self, what: str) -> None:
        """Something about the run itself is worth a sentence."""


def diagnose(options: Options, watcher: Watcher) -> Outcome:
    """Runs a whole diagnosis, or goes on with one if its folder was begun before.

    Raises:
        AdvisorError: If the arguments or the user's file are wrong; nothing is written then.
        OutputLost: If the disk is full; finished probes are kept.
    """
    check_options(options)
    rules = probe_rules(options.select, options.ignore)
    started = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    with put_off():
        ahead = threading.Thread(target=_import_ahead)
        engine = make_engine(options)
        try:
            ahead.start()
            with allowed():
                evidence, step_seconds = _look(engine, options, rules, watcher)
            folder = RunDir(options.out, evidence.facts.name, options.run)
            ledger = Ledger(folder.ledger, folder.siblings)
            try:
                lab = _lab(evidence, engine, ledger, watcher, options, step_seconds)
                for change in changes(earlier(folder.path), options, evidence.facts):
                    watcher.noticed(change)
                way = way_on(options, folder.path)
                guarded(folder, way, lambda: _record(folder, options, lab, evidence, step_seconds))
                evidence, interrupted, stopped_by = _search(evidence, lab, rules, watcher, step_seconds)
                if interrupted:
                    watcher.waiting("writing what is known")
                engine.close()
            finally:
                ledger.close()
        finally:
            try:
                engine.close()
            finally:
                if ahead.ident is not None:  # Waited for here, where another Ctrl-C is expected, not as Python ends.
                    ahead.join()
        return finish(evidence, lab, rules, folder, options, started, interrupted, stopped_by)


def _import_ahead() -> None:
    """Imports what fits and report need while a worker loads the task: over a second that nobody then waits for."""
    for name in _NEEDED_LATER:
        with suppress(ImportError):  # Told where it is needed.
            importlib.import_module(name)


def _look(engine: Engine, options: Options, rules: Sequence[ProbeRule], watcher: Watcher) -> tuple[Evidence, float]:
    watcher.waiting("loading the task")
    task = engine.open(options.source)
    evidence = _start(task, _objective(task.facts, options.objective), options.schedule)
    evidence = evidence.with_(loop=_script_loop(options.source.path))
    watcher.loaded(task)
    watcher.waiting("a first look at model and data")
    evidence, step_seconds = _same_look(evidence, options) or _first_look(evidence, engine, options, rules)
    engine.expect(step_seconds, evidence.current.batch_size)
    return evidence, step_seconds


def _same_look(evidence: Evidence, options: Options) -> tuple[Evidence, float] | None:
    """What this run found when it began, if it was begun before and nothing has changed."""
    before = earlier(options.out / evidence.facts.name / options.run) if options.run else None
    if before is None or before.look is None or not before.is_still(options, evidence.facts):
        return None
    look = before.look
    return evidence.with_(preflight=look.preflight, profile=look.profile), look.step_seconds


def _record(folder: RunDir, options: Options, lab: Lab, evidence: Evidence, step_seconds: float) -> None:
    assert evidence.preflight is not None
    look = FirstLook(evidence.preflight, evidence.profile, step_seconds)
    record(folder.ledger, options, evidence.facts, lab.budget, look)


def _script_loop(path: str) -> LoopReading | None:
    """The training loop of the user's file, if its text holds one."""
    file = Path(path)
    if file.suffix != ".py" or not file.is_file():
        return None
    return read_loop(file.read_text(encoding="utf-8", errors="replace"))


def _start(task: LoadedTask, objective: Objective, schedule: ScheduleKind) -> Evidence:
    current = task.current
    return Evidence(
        facts=task.facts,
        profile=ProfileResult(),
        current=current,
        current_given=task.current_given,
        objective=objective,
        full_run_examples=task.facts.train_size * current.epochs,
        choice=Recipe.starting_from(current).with_(schedule=schedule),
    )


def _first_look(
    evidence: Evidence, engine: Engine, options: Options, rules: Sequence[ProbeRule]
) -> tuple[Evidence, float]:
    """Preflight, the data's complexity, the time of a step. Nothing is written yet: errors of the file show here.

    A model that preflight already finds untrainable is not looked at further.
    """
    allowed = round(_PREFLIGHT_SHARE * min(1.0, options.budget) * evidence.full_run_examples)
    preflight = engine.ask(PreflightRequest(allowed))
    evidence = evidence.with_(preflight=preflight)
    if any(finding.judgement.blocking for finding in judge(evidence, rules)):
        return evidence, 0.0
    allowed = round(_THROUGHPUT_SHARE * min(1.0, options.budget) * evidence.full_run_examples)
    batch = engine.ask(ThroughputRequest(allowed))
    evidence = evidence.with_(profile=replace(engine.ask(ProfileRequest()), batch=batch))
    row = present_row(evidence)
    if not row.fits:
        largest = most_that_fit(evidence).largest
        raise ContractError(
            "a batch that can be trained and evaluated",
            f"batch_size={row.batch_size}: {row.error}",
            f"use a smaller batch_size{f' ({largest} fits)' if largest else ''}, or a device with more memory",
        )
    return evidence, row.step_seconds


def _lab(
    evidence: Evidence, engine: Engine, ledger: Ledger, watcher: Watcher, options: Options, step_seconds: float
) -> Lab:
    facts, preflight = evidence.facts, evidence.preflight
    assert preflight is not None
    lab = Lab(
        engine=engine,
        ledger=ledger,
        listener=watcher,
        train_size=facts.train_size,
        val_size=facts.val_size,
        epochs=evidence.current.epochs,
        fingerprint=facts.fingerprint,
        seed=options.seed,
        budget=options.budget,
    )
    lab.charge(preflight.train_examples + (evidence.profile.batch.train_examples if evidence.profile.batch else 0))
    if options.minutes is not None:
        full_run = step_seconds * lab.steps(1.0, evidence.current.batch_size) / engine.workers
        lab.budget = min(lab.budget, options.minutes * 60.0 / max(full_run, 1e-9))
        lab.deadline = time.monotonic() + options.minutes * 60.0
    lab.budget = lab.budget if options.limit is None else options.limit
    return lab


def _search(
    evidence: Evidence, lab: Lab, rules: Sequence[ProbeRule], watcher: Watcher, step_seconds: float
) -> tuple[Evidence, bool, AdvisorError | None]:
    """Plan and loop; what is known when the user or a fault ends it early is kept.

    Returns:
        What is known, whether it ended early, and the fault if it was one.
    """
    lab.latest = evidence
    try:
        with allowed():
            if not any(finding.judgement.blocking for finding in judge(evidence, rules)):
                watcher.planned(plan(evidence, lab), lab, step_seconds)
                evidence = _loop(evidence, lab, rules, watcher)
    except KeyboardInterrupt:
        return lab.latest, True, None
    except (TaskLost, OutputLost) as error:
        return lab.latest, True, error
    return evidence, False, None


def _loop(evidence: Evidence, lab: Lab, rules: Sequence[ProbeRule], watcher: Watcher) -> Evidence:
    """Until no rule wants a round that is still affordable."""
    for _ in range(_MOST_ROUNDS):
        findings = judge(evidence, rules)
        if any(finding.judgement.blocking for finding in findings):
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
    """The first round that a rule wants, that has probes left, and that is affordable; pressing ones before others."""
    names, first = set(requested_rounds(findings)), urgent_rounds(findings)
    for probing in sorted(ROUNDS, key=lambda item: item.name not in first):
        if probing.name not in names:
            continue
        specs = probing.specs(evidence, lab)
        if specs and lab.affordable(specs):
            return probing
    return None


def _objective(facts: TaskFacts, asked: str) -> Objective:
    metric = facts.metric
    if asked == "metric" and metric is None:
        raise UsageError("a metric in the file, for --objective metric", "none", "define metric(outputs, targets)")
    if metric is None or asked == "loss" or (asked == "auto" and not metric.from_user):
        return Objective()
    return Objective(metric.name, metric.higher_is_better, False)
