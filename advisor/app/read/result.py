"""The result of ``advisor read``: runs with findings and the comparison, as JSON and as text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from advisor.app.read.compare import compare, shown
from advisor.app.read.compare_rows import compare_rows
from advisor.app.read.opening import opening
from advisor.errors import AdvisorError
from advisor.fits import Forecast
from advisor.logs.evidence import Curve, RunEvidence, evidence_of
from advisor.logs.forecast import LONGER, forecast
from advisor.logs.readers import read
from advisor.report.formatting import CONFIDENCE, SEVERITY, one_line
from advisor.rules.engine import judge_log
from advisor.rules.finding import Finding
from advisor.rules.selection import log_rules
from advisor.schema.base import checked
from advisor.schema.reading import (
    CurveEnds,
    LongerRun,
    NotJudged,
    ReadComparison,
    ReadReport,
    ReadRun,
    Unread,
)
from advisor.utils.numbers import number


@dataclass(frozen=True, slots=True)
class Reading:
    """All runs that were read and judged.

    Attributes:
        runs: Evidence and findings of each run, in natural order of their names.
        comparison: One for each group of comparable runs.
        alone: Runs that are not comparable with any other.
        failures: Logs that could not be read.
        declined: Runs whose logs do not show how well they trained, by reason.
    """

    runs: tuple[tuple[RunEvidence, tuple[Finding, ...]], ...]
    comparison: tuple[ReadComparison, ...]
    alone: tuple[str, ...]
    failures: tuple[AdvisorError, ...]
    declined: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def something(self) -> bool:
        """Whether any log could be read."""
        return bool(self.runs or self.comparison or self.declined)


def read_and_judge(paths: Sequence[Path], select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Reading:
    """Reads all runs under the paths, judges each and compares them.

    Raises:
        UsageError: If a code or prefix matches no rule.
    """
    rules = log_rules(select, ignore)
    found = read(paths)
    judged = []
    declined: dict[str, list[str]] = {}
    for run in sorted(found.runs, key=lambda item: _natural(item.name)):
        evidence = evidence_of(run)
        if evidence.main is None:
            why = evidence.declined or "no loss or metric that can be judged"
            declined.setdefault(why, []).append(run.name)
            continue
        judged.append((evidence, tuple(judge_log(evidence, rules))))
    comparisons, alone = compare([evidence for evidence, _ in judged])
    tables = [made for table in found.tables if (made := compare_rows(table)) is not None]
    return Reading(
        tuple(judged), (*tables, *comparisons), tuple(alone) if len(judged) > 1 else (), found.failures,
        tuple((why, tuple(names)) for why, names in declined.items()),
    )  # fmt: skip


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key that puts run2 before run10."""
    import re

    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdigit() and part.isascii() else (1, 0, part) for part in parts]


def report_of(reading: Reading) -> ReadReport:
    """The result as printed by ``advisor read --format json``."""
    return checked(
        ReadReport,
        ReadReport(
            runs=tuple(_run(evidence, findings) for evidence, findings in reading.runs),
            comparison=reading.comparison,
            not_compared=reading.alone,
            not_judged=tuple(NotJudged(why=why, runs=tuple(names)) for why, names in reading.declined),
            failures=tuple(Unread(expected=e.expected, found=e.found, do=e.do) for e in reading.failures),
        ),
    )


def _run(evidence: RunEvidence, findings: Sequence[Finding]) -> ReadRun:
    run = evidence.run
    curves = {"train_loss": evidence.train, "val_loss": evidence.val, "metric": evidence.metric}
    return ReadRun(
        name=run.name,
        source=run.source,
        kind=run.kind,
        settings=dict(run.settings),
        schedule=evidence.schedule.words(),
        notes=tuple(run.notes),
        said=tuple(opening(evidence, findings)),
        curves={role: _ends(curve) for role, curve in curves.items() if curve is not None},
        forecast=_forecast(evidence),
        findings=tuple(finding.as_part() for finding in findings),
    )


def _forecast(evidence: RunEvidence) -> LongerRun:
    """The loss at a longer length, or why there is no answer."""
    made = forecast(evidence)
    if not isinstance(made, Forecast):
        return LongerRun(reason=made.reason)
    value = made.estimate
    return LongerRun(length=LONGER, value=value.value, low=value.low, high=value.high, last=made.last)


def forecast_text(evidence: RunEvidence) -> str:
    """The forecast in one line; empty if there is none."""
    made = forecast(evidence)
    if not isinstance(made, Forecast):
        return ""
    value, low, high = (number(item) for item in (made.estimate.value, made.estimate.low, made.estimate.high))
    stretched = ", schedule stretched with it" if evidence.schedule.varies else ""
    return f"at {LONGER:g} times the length{stretched}: {value} ({low} to {high}, 80 %), now {number(made.last)}"


def _ends(curve: Curve) -> CurveEnds:
    at, best = curve.best
    return CurveEnds(column=curve.name, points=len(curve.raw), best=best, best_at=at, final=curve.final)


def detected(findings: Sequence[Finding]) -> list[Finding]:
    """Detected findings, faults first."""
    found = [item for item in findings if item.judgement.verdict == "detected"]
    return sorted(found, key=lambda item: SEVERITY[item.severity])


def lines(reading: Reading) -> list[str]:
    """The result as plain text: a few lines per run, then the comparison."""
    result: list[str] = []
    for item in reading.comparison:
        result += [*([""] if result else []), *_comparison_lines(item)]
    if reading.alone and reading.comparison:
        result += [
            "",
            _safe("Not compared, because they are not comparable with other runs: " + ", ".join(reading.alone), 2000),
        ]
    for why, names in reading.declined:
        listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        result += [*([""] if result else []), _safe(f"Not judged: {listed}: {why}", 900)]
    for evidence, findings in reading.runs:
        result += [*([""] if result else []), *_run_lines(evidence, findings)]
    return result


def _run_lines(evidence: RunEvidence, findings: Sequence[Finding]) -> list[str]:
    run = evidence.run
    settings = ", ".join(f"{name} {shown(value)}" for name, value in run.settings if name != "seconds_per_epoch")
    result = [_safe(f"{run.name}  ({'; '.join(part for part in (settings, evidence.schedule.words()) if part)})", 300)]
    curve = evidence.main
    if curve is not None:
        at, best = curve.best
        result.append(_safe(f"  {curve.name}: best {number(best)} at {at:.0%}, last {number(curve.final)}"))
    result += [_safe(f"  {text}", 600) for text in opening(evidence, findings)]
    if told := forecast_text(evidence):
        result.append(_safe(f"  forecast {told}"))
    found = detected(findings)
    for finding in found:
        sure = CONFIDENCE[finding.confidence]
        result.append(_safe(f"  {finding.code} {finding.title} ({finding.severity}, {sure})"))
        result.append(_safe(f"      seen: {finding.judgement.text}", 600))
        if finding.judgement.advice:
            result.append(_safe(f"      do:   {finding.judgement.advice}", 600))
    return result + [_safe(f"  note: {note}", 300) for note in run.notes[:5]]


def _comparison_lines(item: ReadComparison) -> list[str]:
    result = [f"Compared by {item.objective} ({item.why}; {item.noise_text})"]
    for place, one in enumerate(item.ranking, 1):
        metric = f", metric {one.metric:.5g}" if _is_number(one.metric) else ""
        pace = f", {number(one.seconds_per_epoch)} s per epoch" if _is_number(one.seconds_per_epoch) else ""
        result.append(_safe(f"  {place:>2}. {one.name}  {one.value:.5g}{metric}{pace}", 300))
    result += [_safe(f"  {answer.text}", 800) for answer in item.knobs]
    result += [_safe(f"  unfair: {text}", 900) for text in item.unfair]
    return result + [_safe(f"  note: {text}", 600) for text in item.notes]


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _safe(text: str, limit: int = 400) -> str:
    """One line without control characters or terminal escapes, its indentation kept."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    return indent + one_line(text, limit)
