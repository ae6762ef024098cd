"""Reports, readings and watched runs as compact tool results."""

import json
from pathlib import Path
from typing import Any

from advisor.agents.answers import JobState, Plan, Readings, ReportPart, RunVerdicts, Verdict, Watched
from advisor.agents.jobs import Job
from advisor.errors import UsageError
from advisor.report.formatting import SEVERITY, one_line
from advisor.schema.base import Part, plain
from advisor.schema.finding import Finding
from advisor.schema.planning import PlanReport
from advisor.schema.reading import ReadReport
from advisor.schema.report import Report
from advisor.schema.watching import WatchReport
from advisor.utils.numbers import number

_RUNS, _VERDICTS, _ROWS = 8, 6, 20
_LONGEST = 6000
"""Maximum characters of one value; longer values are returned in pieces."""
_NEXT = {
    "running": "call job again with wait_seconds, or cancel",
    "finished": "call report with this run",
    "untrainable": "call report with this run and part findings: a fault must be repaired first",
    "interrupted": "call report for the results so far, or resume with this job",
    "failed": "read error; it says what to fix",
}


def verdict(finding: Finding) -> Verdict:
    """A finding in compact form."""
    return Verdict(
        code=finding.code,
        title=one_line(finding.title, 200),
        severity=finding.severity,
        confidence=finding.confidence,
        evidence=one_line(finding.evidence.text, 400),
        do=one_line(finding.advice, 400),
    )


def detected(findings: tuple[Finding, ...]) -> list[Finding]:
    """Detected findings, faults first."""
    return sorted((item for item in findings if item.verdict == "detected"), key=lambda item: SEVERITY[item.severity])


def plan_of(report: PlanReport) -> Plan:
    """A plan in compact form."""
    return Plan(
        task=report.name,
        seconds=report.seconds,
        budget_full_runs=report.budget,
        full_run_seconds=report.full_run_seconds,
        full_run_steps=report.steps,
        train_examples=report.train_examples,
        settings=plain(report.current),
        rounds=[
            f"{item.name}: {item.probes} probes, {item.full_runs:.2f} full runs" for item in report.rounds if item.fits
        ],
        assumed=[one_line(text, 200) for text in report.inferred],
        blocked_by=[verdict(item) for item in report.blocked_by],
        more="call diagnose with the same path and budget to spend this",
    )


def job_of(job: Job, home: Path) -> JobState:
    """A job in compact form; for a failed one, the last lines are the error."""
    return JobState(
        job=job.id,
        kind=job.kind,
        state=job.state,
        seconds=round(job.seconds, 1),
        share=job.share,
        said=list(job.said),
        run=str(job.run.relative_to(home)) if job.run is not None else None,
        next=_next(job),
        error=" ".join(job.said) if job.state == "failed" else "",
    )


def _next(job: Job) -> str:
    if job.kind != "diagnose" and job.state == "finished":
        return "call job_result with this job"
    if job.state == "interrupted" and job.run is None:
        return "nothing was measured yet: resume with this job starts it again"
    return _NEXT[job.state]


def readings_of(report: ReadReport) -> Readings:
    """Recorded runs in compact form, those with the most severe findings first."""

    def worst(run: Any) -> int:
        return min((SEVERITY[item.severity] for item in detected(run.findings)), default=9)

    runs = sorted(report.runs, key=worst)
    left = len(runs) - _RUNS
    return Readings(
        runs=[
            RunVerdicts(
                run=run.name,
                said=[one_line(text, 300) for text in run.said],
                verdicts=[verdict(item) for item in detected(run.findings)[:_VERDICTS]],
                more=max(0, len(detected(run.findings)) - _VERDICTS),
            )
            for run in runs[:_RUNS]
        ],
        comparisons=[one_line(text, 400) for item in report.comparison for text in (
            f"by {item.objective}: " + ", ".join(f"{one.name} {number(one.value)}" for one in item.ranking[:_RUNS]),
            *(answer.text for answer in item.knobs[:_VERDICTS]), *(f"unfair: {text}" for text in item.unfair),
        )][:_ROWS],
        not_judged=[one_line(f"{', '.join(item.runs[:5])}: {item.why}", 400) for item in report.not_judged],
        unreadable=[one_line(f"{item.found}; {item.do}", 400) for item in report.failures[:_RUNS]],
        more=f"{left} more runs: name fewer files or a folder further down" if left > 0 else "",
    )  # fmt: skip


def watched_of(report: WatchReport) -> Watched:
    """A watched run in compact form."""
    holding = [item.finding for item in report.verdicts if item.state == "holds"]
    return Watched(
        run=report.name,
        state=report.state,
        step=report.step,
        total_steps=report.total_steps,
        holds=[verdict(item) for item in sorted(holding, key=lambda item: SEVERITY[item.severity])],
        taken_back=[
            f"{item.finding.code} at step {item.taken_back_at}" for item in report.verdicts if item.taken_back_at
        ],
        curves={role: f"best {number(x.best)}, last {number(x.final)}" for role, x in report.curves.items()},
        keep=report.hint,
    )


def part_of(report: Report, run: str, part: str, offset: int) -> ReportPart:
    """One part of a report: ``summary``, ``findings``, a code, or a field of report.json.

    Raises:
        UsageError: If the part does not exist.
    """
    whole = plain(report)
    fields = [name for name in whole if name not in ("schema", "series")]
    codes = {item.code: item for item in report.findings}
    if part == "summary":
        value: Any = {
            "verdict": report.verdict, "changes": whole["changes"], "recommended": whole["recommended"],
            "prediction": whole["prediction"], "cost": whole["cost"],
            "findings": [f"{item.code} {item.title} ({item.severity}, {item.confidence})"
                         for item in detected(report.findings)],
        }  # fmt: skip
    elif part == "findings":
        value = [plain(_as_part(item)) for item in detected(report.findings)]
    elif part.upper() in codes:
        value = plain(codes[part.upper()])
    elif part in fields:
        value = whole[part]
    else:
        raise UsageError("a part of a report", repr(part[:60]), f"one of summary, {', '.join(fields)}, or a code")
    return _piece(run, part, report.status, value, ["summary", *fields, "the code of a finding"], offset)


def _as_part(finding: Finding) -> Part:
    import msgspec

    return msgspec.structs.replace(finding, sources=())


def _piece(run: str, part: str, status: str, value: Any, parts: list[str], offset: int) -> ReportPart:
    """The value, or the rows of a list from ``offset`` on that fit into one result."""
    if not isinstance(value, list):
        text = json.dumps(value)
        short = value if len(text) <= _LONGEST else text[offset : offset + _LONGEST]
        more = offset + _LONGEST if len(text) > offset + _LONGEST else None
        return ReportPart(run, part, status, short, parts, more)
    rows: list[Any] = []
    for row in value[offset:]:
        if rows and len(json.dumps([*rows, row])) > _LONGEST:
            break
        rows.append(row)
    end = offset + len(rows)
    return ReportPart(run, part, status, rows, parts, end if end < len(value) else None)
