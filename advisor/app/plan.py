"""``advisor plan``: loads the task, times a few steps, and estimates the cost of a diagnosis. Writes nothing."""

import tempfile
from dataclasses import replace
from pathlib import Path

from advisor.app.diagnose import first_look, set_budget
from advisor.app.options import Options
from advisor.app.session import Session
from advisor.rules.engine import judge
from advisor.rules.selection import probe_rules
from advisor.schema.base import checked, plain
from advisor.schema.planning import PlanReport
from advisor.schema.settings import Settings
from advisor.search.observer import Observer
from advisor.search.plan import plan as planned
from advisor.utils.numbers import duration, number


def plan(options: Options, observer: Observer | None = None) -> PlanReport:
    """The cost of ``advisor diagnose`` with these options, ignoring probes that could be reused from earlier runs.

    Raises:
        AdvisorError: If the options or the user's file are wrong.
    """
    rules = probe_rules(options.select, options.ignore)
    with tempfile.TemporaryDirectory() as folder:
        with Session(replace(options, out=Path(folder), run=None), observer) as session:
            evidence, step_seconds = first_look(session, rules)
            runner = session.begin()
            set_budget(session, evidence, step_seconds)
            blocked = [item for item in judge(evidence, rules) if item.judgement.blocking]
            lines = [] if blocked else planned(evidence, runner)
        current = evidence.current
        steps = runner.steps(1.0, current.batch_size)
        full = step_seconds * steps if step_seconds > 0.0 else None
        made = PlanReport(
            name=evidence.facts.name,
            current=checked(Settings, plain(current.as_dict())),
            current_given=evidence.current_given,
            train_examples=evidence.facts.train_size,
            val_examples=evidence.facts.val_size,
            steps=steps,
            step_seconds=step_seconds or None,
            full_run_seconds=full,
            budget=0.0 if blocked else runner.budget,
            seconds=0.0 if blocked else full and full * runner.budget,
            rounds=tuple(lines),
            inferred=tuple(evidence.facts.inferred),
            blocked_by=tuple(item.as_part() for item in blocked),
        )
    return checked(PlanReport, made)


def lines(report: PlanReport) -> list[str]:
    """The plan for the terminal."""
    if report.blocked_by:
        return [f"{report.name}: nothing would be probed, because no setting repairs this:"] + [
            f"  {item.code} {item.title}: {item.evidence.text}" for item in report.blocked_by
        ]
    head = (
        f"{report.name}: at most {number(report.budget)} full runs, about {duration(report.seconds)}; one full run "
        f"takes {duration(report.full_run_seconds)} ({report.steps} steps)"
    )
    rows = [
        f"  {item.name}: {item.probes} x, {item.full_runs:.2f} full runs, {item.purpose}"
        + ("" if item.fits else " (if budget is left)")
        for item in report.rounds
        if item.probes
    ]
    return [head, *rows, *_unanswered(report)]


def _unanswered(report: PlanReport) -> list[str]:
    """What the budget does not reach, and what it would cost."""
    asked = [item for item in report.rounds if item.probes]
    left = [item for item in asked if not item.fits]
    if not left:
        return []
    more = sum(item.full_runs for item in left)
    cost = f"{number(more, 2)} full runs"
    if report.full_run_seconds is not None:
        cost += f", {duration(more * report.full_run_seconds)}"
    names = "no round fits" if len(left) == len(asked) else "not reached: " + ", ".join(item.name for item in left)
    return [f"  at this budget {names}; all of it takes about {cost} more"]
