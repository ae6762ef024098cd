"""`advisor diagnose`: first look at the task, rounds of probes, report."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace

from advisor.app.conclude import Outcome, finish, guarded
from advisor.app.investigate import investigate
from advisor.app.loop import script_loop
from advisor.app.options import Options
from advisor.app.resume import FirstLook, changes, earlier, record, way_on
from advisor.app.session import Session
from advisor.config.hparams import HParams
from advisor.errors import AdvisorError, ContractError, OutputLost, TaskLost
from advisor.evidence.batch_size import most_that_fit, present_row
from advisor.evidence.evidence import Evidence
from advisor.rules.base import ProbeRule
from advisor.rules.engine import judge
from advisor.rules.selection import probe_rules
from advisor.search.clock import Clock, timed
from advisor.search.observer import Observer
from advisor.search.plan import plan
from advisor.utils.signals import allowed, put_off
from advisor.workers.messages import PreflightRequest, ProfileRequest, ThroughputRequest
from advisor.workers.protocol import Engine

_PREFLIGHT_SHARE = 0.04
_THROUGHPUT_SHARE = 0.01
_TINY = 2500
"""Tasks with fewer training examples always get the minimum of seconds."""
_MOST_FULL_RUNS = 16.0
"""Upper limit of the raised budget of a small task: it covers the whole protocol."""


def diagnose(options: Options, observer: Observer | None = None) -> Outcome:
    """Runs a diagnosis, or continues it if its folder exists.

    Raises:
        AdvisorError: If the arguments or the user's file are wrong; nothing is written in that case.
        OutputLost: If the disk is full; finished probes are kept.
    """
    rules = probe_rules(options.select, options.ignore)
    started = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    with put_off():
        with Session(options, observer) as session:
            with allowed():
                evidence, step_seconds = first_look(session, rules)
            runner = session.begin()
            set_budget(session, evidence, step_seconds)
            folder, facts = session.folder, evidence.facts
            for change in changes(earlier(folder.path), options, facts):
                session.observer.noticed(change)
            assert evidence.preflight is not None
            look = FirstLook(evidence.preflight, evidence.profile, step_seconds)
            guarded(
                folder, way_on(options, folder.path), lambda: record(folder.store, options, facts, runner.budget, look)
            )
            evidence, interrupted, stopped_by = _search(session, evidence, rules, step_seconds)
            if interrupted:
                session.observer.waiting("writing the results so far")
        return finish(evidence, runner, rules, folder, options, started, interrupted, stopped_by)


def first_look(session: Session, rules: Sequence[ProbeRule]) -> tuple[Evidence, float]:
    """The evidence before the first probe, and the seconds of a step."""
    options, task = session.options, session.load()
    evidence = session.evidence(
        objective=session.objective,
        choice=HParams.starting_from(task.current).with_(schedule=options.schedule),
        loop=script_loop(task.loop_file or options.source.path),
    )
    session.observer.waiting("a first look at model and data")
    evidence, step_seconds = _same_look(evidence, options) or _measured_look(evidence, session.engine, options, rules)
    session.engine.expect(step_seconds, evidence.current.batch_size)
    return evidence, step_seconds


def _same_look(evidence: Evidence, options: Options) -> tuple[Evidence, float] | None:
    """The recorded first look of this run, if it was started before and nothing has changed."""
    before = earlier(options.out / evidence.facts.name / options.run) if options.run else None
    if before is None or before.look is None or not before.is_still(options, evidence.facts):
        return None
    look = before.look
    return evidence.with_(preflight=look.preflight, profile=look.profile), look.step_seconds


def _measured_look(
    evidence: Evidence, engine: Engine, options: Options, rules: Sequence[ProbeRule]
) -> tuple[Evidence, float]:
    """Preflight, complexity of the data, time of a step. Writes nothing yet, so that errors in the file show first.

    If preflight finds the model untrainable, the other measurements are skipped.
    """
    allowed = round(_PREFLIGHT_SHARE * min(1.0, options.full_runs) * evidence.full_run_examples)
    preflight = engine.ask(PreflightRequest(allowed))
    evidence = evidence.with_(preflight=preflight)
    if any(finding.judgement.blocking for finding in judge(evidence, rules)):
        return evidence, 0.0
    allowed = round(_THROUGHPUT_SHARE * min(1.0, options.full_runs) * evidence.full_run_examples)
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


def set_budget(session: Session, evidence: Evidence, step_seconds: float) -> None:
    """Charges the measurements so far, and limits the budget by the given minutes or by that of a resumed run."""
    options, runner = session.options, session.runner
    preflight, batch = evidence.preflight, evidence.profile.batch
    assert preflight is not None
    runner.charge(preflight.train_examples + (batch.train_examples if batch else 0))
    if options.minutes is not None:
        seconds = options.minutes * 60.0
        full_run = max(step_seconds * runner.steps(1.0, evidence.current.batch_size) / session.engine.workers, 1e-9)
        runner.budget = min(runner.budget, seconds / full_run)
        steps = timed(batch.rows) if batch else ()
        if steps:
            runner.clock = Clock(time.monotonic() + seconds, full_run, steps, session.engine.workers)
    else:
        _at_least_seconds(session, step_seconds, evidence.current.batch_size)
    runner.budget = runner.budget if options.limit is None else options.limit


def _at_least_seconds(session: Session, step_seconds: float, batch_size: int) -> None:
    """Raises the budget of a small task to the minimum of seconds, and reports it."""
    runner, seconds = session.runner, session.options.seconds_for_little_data
    if step_seconds <= 0.0 or seconds <= 0.0:  # Not timed: the task is blocked and will not be probed.
        return
    full_run = step_seconds * runner.steps(1.0, batch_size)
    affordable = min(2.0 ** math.floor(math.log2(seconds / full_run)), _MOST_FULL_RUNS)  # Coarse, as timings vary.
    if runner.train_size < _TINY and affordable > runner.budget:
        runner.budget = affordable
        session.observer.noticed(
            f"{runner.train_size} training examples, a full run of about {full_run:.1g} s: the budget is raised to "
            f"{affordable:.2g} full runs, at most about {affordable * full_run:.0f} s (--least-seconds)"
        )


def _search(
    session: Session, evidence: Evidence, rules: Sequence[ProbeRule], step_seconds: float
) -> tuple[Evidence, bool, AdvisorError | None]:
    """Plan and search; keeps the evidence if the user or a fault ends it early.

    Returns:
        The evidence, whether the search ended early, and the fault if it was one.
    """
    runner = session.runner
    runner.latest = evidence
    try:
        with allowed():
            if not any(finding.judgement.blocking for finding in judge(evidence, rules)):
                session.observer.planned(plan(evidence, runner), runner, step_seconds)
                evidence = investigate(evidence, runner, rules)
    except KeyboardInterrupt:
        return runner.latest, True, None
    except (TaskLost, OutputLost) as error:
        return runner.latest, True, error
    return evidence, False, None
