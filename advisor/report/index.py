"""reports/index.html: all runs under a folder, newest first, and all comparisons."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import msgspec

from advisor.errors import UsageError
from advisor.report.comparison_page import verdict
from advisor.report.formatting import clean, knob, objective, sentence, setting
from advisor.report.html import environment
from advisor.schema.base import Facts
from advisor.schema.comparison import ComparisonReport
from advisor.schema.files import read_comparison, read_report
from advisor.schema.report import Report
from advisor.schema.settings import Settings
from advisor.utils.jsonio import write_atomic
from advisor.utils.numbers import NONE, number

_STATUS = {"advice": "advice", "untrainable": "cannot be trained", "interrupted": "interrupted"}
_NAMED = ("momentum", "weight decay")
R = TypeVar("R", Report, ComparisonReport)


@dataclass(frozen=True, slots=True)
class Row:
    """One run in the table.

    Attributes:
        report: The report.
        href: Link to its page; empty if it would leave the folder.
        started: When it started.
        status_words: Its status as text.
        lr: Recommended learning rate.
        batch: Recommended batch size.
        epochs: Recommended epochs.
        result: Predicted result.
        since: Differences from the previous run of this task.
        before: Name of that run.
        rest: Recommended settings without a column.
    """

    report: Report
    href: str
    started: str
    status_words: str
    lr: str
    batch: str
    epochs: str
    result: str
    since: Sequence[str]
    before: str
    rest: str


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One comparison in the table: the report, its page, its start, and its verdict."""

    report: ComparisonReport
    href: str
    started: str
    verdict: str


def render_index(reports: Sequence[Report], comparisons: Sequence[ComparisonReport] = ()) -> str:
    """The index page of some reports and comparisons.

    Args:
        reports: Each row links to ``<name>/<run>/report.html``.
        comparisons: Each row links to ``<name>/<run>/compare.html``.

    Returns:
        HTML text, newest report first; deterministic.
    """
    ordered = sorted(reports, key=_age, reverse=True)
    rows = [_row(report, _previous(ordered, place)) for place, report in enumerate(ordered)]
    compared = [_compared(comparison) for comparison in sorted(comparisons, key=_age, reverse=True)]
    return environment().get_template("index.html.j2").render(rows=rows, compared=compared)


def write_index(root: Path) -> Path:
    """Writes ``root/index.html`` from every readable ``root/<name>/<run>/report.json``.

    Returns:
        The path of the page.
    """
    page = root / "index.html"
    reports = _read(root, "report.json", read_report)
    write_atomic(page, render_index(reports, _read(root, "compare.json", read_comparison)))
    return page


def _read(root: Path, name: str, read: Callable[[Path], R]) -> list[R]:
    """All readable files of that name, named by their folders."""
    found = []
    for path in sorted(root.glob(f"*/*/{name}")):
        with suppress(UsageError):
            result = read(path)
            found.append(msgspec.structs.replace(result, name=path.parent.parent.name, run=path.parent.name))
    return found


def _compared(data: ComparisonReport) -> ComparedRow:
    return ComparedRow(data, _href(data, "compare.html"), _when(data), sentence(verdict(data)))


def _age(result: Report | ComparisonReport) -> tuple[str, str, str]:
    started = _started(result)
    return (started.isoformat() if started else "", result.run, result.name)


def _when(result: Report | ComparisonReport) -> str:
    started = _started(result)
    return started.strftime("%Y-%m-%d %H:%M") if started else NONE


def _started(result: Report | ComparisonReport) -> datetime | None:
    origin = result.provenance
    text = origin.get("started") if isinstance(origin, dict) else origin.started
    try:
        found = datetime.fromisoformat(str(text))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _previous(ordered: Sequence[Report], place: int) -> Report | None:
    """The previous run of the same task, if it recommended something."""
    name = ordered[place].name
    return next((report for report in ordered[place + 1 :] if report.name == name and report.recommended), None)


def _settings(config: Settings) -> Facts:
    """A configuration as flat names and values."""
    optimizer = config.optimizer
    named = {knob(key): value for key, value in optimizer.items() if key not in ("name", "betas")}
    return {
        **named,
        "optimizer": optimizer.get("name"),
        "schedule": (config.schedule or {}).get("name", "constant"),
        knob("batch_size"): config.batch_size,
        knob("epochs"): config.epochs,
        knob("clip_grad_norm"): config.clip_grad_norm,
    }


def _moved(old: Settings, new: Settings) -> str:
    """The differences as text; empty if there are none."""
    before, after = _settings(old), _settings(new)
    return ", ".join(
        f"{name} {setting(before.get(name))} → {setting(value)}"
        for name, value in after.items()
        if before.get(name) != value
    )


def _since(report: Report, previous: Report | None) -> list[str]:
    """Differences from the previous run of this task: task, current settings, advice, result."""
    if previous is None or previous.recommended is None or report.recommended is None:
        return []
    prints = [one.provenance.task_fingerprint for one in (previous, report)]
    parts = ["code or data changed"] if all(prints) and prints[0] != prints[1] else []
    in_use = _moved(previous.current, report.current)
    parts += [f"in use: {in_use}"] if in_use else []
    advised = _moved(previous.recommended, report.recommended)
    parts += [f"advice: {advised}" if advised else "the same advice"]
    before, after = _result(previous), _result(report)
    parts += [f"expected: {before} → {after}"] if before != after and NONE not in (before, after) else []
    return parts


def _result(report: Report) -> str:
    found, pair = report.prediction, report.series.comparison
    if found is not None and found.loss is not None:
        return f"{number(found.loss)} ({number(found.low)} to {number(found.high)})"
    value = pair.advised.value if pair is not None else None
    return NONE if value is None else f"{objective(report.objective)} {number(value)} in a shorter run"


def _row(report: Report, previous: Report | None) -> Row:
    config = report.recommended
    rate = config.optimizer.get("lr") if config else None
    return Row(
        report=report,
        href=_href(report, "report.html"),
        started=_when(report),
        status_words=_STATUS[report.status],
        lr=NONE if rate is None else setting(rate),
        batch=number(config.batch_size if config else None),
        epochs=number(config.epochs if config else None),
        result=_result(report),
        since=_since(report, previous),
        before=previous.run if previous else "",
        rest=_rest(config) if config else "",
    )


def _rest(config: Settings) -> str:
    """The recommended settings without a column."""
    flat = {name: value for name, value in _settings(config).items() if value is not None}
    listed = [setting(flat[name]) for name in ("optimizer", "schedule") if flat.get(name)]
    return ", ".join([*listed, *(f"{name} {setting(flat[name])}" for name in _NAMED if name in flat)])


def _href(result: Report | ComparisonReport, page: str) -> str:
    parts = (result.name, result.run)
    if any(part in ("", ".", "..") or clean(part, len(part) + 1) != part for part in parts):
        return ""
    return "/".join(quote(part, safe="") for part in parts) + f"/{page}"
