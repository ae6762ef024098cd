"""The end of a diagnosis: the last judgement, the recommendation, and all output files."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from advisor._version import __version__
from advisor.advice.build_report import build_report, cost_of
from advisor.advice.recommend import Recommendation, choose
from advisor.app.options import Options
from advisor.app.resume import way_on
from advisor.app.run_dir import RunDir
from advisor.errors import EXIT_ADVICE, EXIT_INTERRUPTED, EXIT_UNTRAINABLE, AdvisorError, OutputLost, UsageError
from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.engine import judge
from advisor.rules.finding import Finding
from advisor.schema.report import Provenance, Report, Status
from advisor.search.forecast import forecast
from advisor.search.rounds.lr_ladder import LadderRound
from advisor.search.rounds.lr_range_test import RangeRound
from advisor.search.runner import ProbeRunner


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a diagnosis.

    Attributes:
        report: The report.
        folder: The run directory.
        exit_code: 0 advice, 1 untrainable, 130 interrupted.
        stopped_by: The fault that ended it early, if it was not an interrupt.
    """

    report: Report
    folder: RunDir
    exit_code: int
    stopped_by: AdvisorError | None = None


def finish(
    evidence: Evidence,
    runner: ProbeRunner,
    rules: Sequence[ProbeRule],
    folder: RunDir,
    options: Options,
    started: str,
    interrupted: bool,
    stopped_by: AdvisorError | None,
) -> Outcome:
    """Judges a last time and writes all output; ``stopped_by`` is the fault that ended the search early."""
    evidence = concluded(evidence)
    findings = judge(evidence, rules)
    stopped = any(finding.judgement.blocking for finding in findings)
    known = bool(evidence.of_round(RoundName.LADDER))
    if not (known or stopped or interrupted):
        folder.discard()
        raise _too_little(evidence, runner, findings)
    choice = choose(evidence, findings) if known and not stopped else None
    status: Status = "untrainable" if stopped else "interrupted" if interrupted else "advice"
    facts = evidence.facts
    report = build_report(
        evidence,
        findings,
        choice,
        status=status,
        cost=cost_of(runner.spent, runner.full_run_examples, runner.budget),
        name=facts.name,
        run=folder.run,
        provenance=Provenance(
            advisor=__version__,
            torch=facts.torch,
            python=platform.python_version(),
            platform=platform.platform(),
            device=facts.device,
            seed=options.seed,
            command=options.command,
            started=started,
            task_fingerprint=facts.fingerprint,
            workers_lost=runner.engine.lost,
            resume=way_on(options, folder.path) if interrupted else None,
            stopped_by=None if stopped_by is None else f"{stopped_by.found}; {stopped_by.do}",
        ),
    )
    guarded(folder, way_on(options, folder.path), lambda: _write(folder, report, choice, evidence))
    code = {"untrainable": EXIT_UNTRAINABLE, "interrupted": EXIT_INTERRUPTED, "advice": EXIT_ADVICE}[status]
    return Outcome(report, folder, code, stopped_by)


def _too_little(evidence: Evidence, runner: ProbeRunner, findings: Sequence[Finding]) -> UsageError:
    """The budget is too small for the ladder: states what is needed, what it pays for, and the faults found so far."""
    specs = [spec for search_round in (RangeRound(), LadderRound()) for spec in search_round.specs(evidence, runner)]
    need = runner.full_runs + sum(map(runner.price, specs))
    size = evidence.current.batch_size
    steps = int(runner.budget * runner.full_run_examples / size)
    detected = [finding for finding in findings if finding.judgement.verdict == "detected"]
    faults = [f"{finding.code} {finding.title}" for finding in detected if finding.severity == "fault"]
    by_minutes = " (from --minutes)" if runner.clock is not None else ""
    return UsageError(
        f"a budget for range test and ladder, about {1.1 * need:.2g} full runs for this task",
        f"--budget {runner.budget:.3g}{by_minutes}, {steps} steps of {size} examples"
        + (f"; faults so far: {'; '.join(faults)}" if faults else ""),
        "raise it, or name more --epochs if a full run is longer",
    )


def concluded(evidence: Evidence) -> Evidence:
    """Adds the forecast of the recommendation."""
    return evidence.with_(forecast=forecast(evidence)) if evidence.of_round(RoundName.LADDER) else evidence


def guarded(folder: RunDir, way: str, write: Callable[[], None]) -> None:
    """Converts a full or missing disk to an error message with ``way`` as the next step."""
    try:
        write()
    except OSError as error:
        raise OutputLost(
            "disk space for the report",
            f"{error.filename or folder.path}: {error.strerror or error}",
            f"free some space, then: {way} (finished probes are kept)",
        ) from error


def _write(folder: RunDir, report: Report, choice: Recommendation | None, evidence: Evidence) -> None:
    from advisor.report.html import render
    from advisor.report.index import write_index
    from advisor.report.tensorboard import write as write_tensorboard
    from advisor.utils.jsonio import write_atomic

    comment = f"{report.verdict}\nWritten by advisor {__version__}; reasons: report.html in this folder."
    folder.write(report, choice.config if choice else None, comment)
    write_atomic(folder.page, render(report))
    write_tensorboard(folder.tensorboard, [(arm.spec, arm.trace, arm.round) for arm in evidence.arms], report)
    write_index(folder.path.parent.parent)
