"""The terminal summary: at most eight plain lines, a pure function of report.json."""

import unicodedata

from advisor.report.formatting import CONFIDENCE, one_line, setting
from advisor.schema.report import Report
from advisor.utils.numbers import duration, number

_MOST = 8


def lines(report: Report, width: int = 80, *, config: str = "", page: str = "") -> list[str]:
    """The result in at most eight lines of plain text.

    Args:
        report: The report.
        width: Columns of the terminal; no line is wider. Wide characters count as two columns.
        config: Path of config.yaml as displayed; left out if empty.
        page: Path of report.html as displayed; left out if empty.

    Returns:
        Lines without control characters or colours: the verdict, the changes, cost, prediction, and paths.
    """
    width = max(20, width)
    untrainable = report.status == "untrainable"
    head = _wrap(report.verdict, width, 1 if untrainable else 2)
    paths = _paths("" if untrainable else config, page, width)
    if untrainable:
        tail = [*_cost(report), *paths]
        middle = _faults(report, width, _MOST - len(head) - len(tail))
    else:
        tail = [*_prediction(report), *_cost(report), *paths]
        if len(head) + len(report.changes) + len(tail) > _MOST:
            tail = [*_short_cost(report, width), *paths]
        middle = _changes(report, width, _MOST - len(head) - len(tail))
    return [fit(line, width) for line in [*head, *middle, *tail]][:_MOST]


def fit(line: str, width: int) -> str:
    """The line cut to ``width`` columns."""
    if columns(line) <= width:
        return line
    kept = ""
    for char in line:
        if columns(kept + char) > width - 1:
            break
        kept += char
    return kept + "…"


def columns(words: str) -> int:
    """Columns that a terminal needs for ``words``."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in words
    )


def _wrap(words: str, width: int, most: int, indent: str = "") -> list[str]:
    result = [""]
    for word in one_line(words, 1200).split(" "):
        longer = f"{result[-1]} {word}".strip()
        if columns(indent + longer) > width and result[-1]:
            if len(result) == most:
                result[-1] += " …"
                break
            result.append(word)
        else:
            result[-1] = longer
    return [fit(indent + line, width) for line in result]


def _changes(report: Report, width: int, room: int) -> list[str]:
    assumed = "" if report.current_given else " (assumed)"
    names = [one_line(change.setting, 40) for change in report.changes]
    pad = min(16, max(map(len, names), default=0))
    shown = []
    for name, change in zip(names, report.changes, strict=True):
        sure = CONFIDENCE[change.confidence]
        old, new = (one_line(setting(value), 48) for value in (change.from_, change.to))
        head = f"  {name:<{pad}}  {old}{assumed} -> {new}  ("
        worth = _clause(one_line(change.worth, 200), width - columns(head) - len(sure) - 3)
        shown.append(fit(head + ", ".join(part for part in (worth, sure) if part) + ")", width))
    if not shown:
        return ["  nothing to change"] if report.status == "advice" and room > 0 else []
    if len(shown) <= room:
        return shown
    return [*shown[: room - 1], f"  and {len(shown) - room + 1} more: {', '.join(names[room - 1 :])}"]


def _clause(words: str, room: int) -> str:
    """The text, or its first clause, whichever fits into ``room`` columns; else nothing."""
    said = (words, *(words.partition(mark)[0] for mark in (";", " more in ", ", after ", " and ")))
    return next((part for part in said if columns(part) <= room), "")


def _faults(report: Report, width: int, room: int) -> list[str]:
    found = [finding for finding in report.findings if finding.verdict == "detected"]
    faults = [finding for finding in found if finding.severity == "fault"] or found
    result: list[str] = []
    for fault in faults:
        left = room - len(result)
        if left < 2:
            break
        result.append(f"  {one_line(fault.code, 12)} {one_line(fault.title, 200)}")
        evidence = fault.evidence.text
        if evidence and left > 2:
            result += _wrap(f"seen: {evidence}", width, 2 if left > 5 else 1, "    ")
        left = room - len(result)
        result += _wrap(f"do: {fault.advice or 'see the report'}", width, min(2, left), "    ")
    return result


def _prediction(report: Report) -> list[str]:
    found = report.prediction
    if found is None or found.loss is None:
        return []
    span = f"{number(found.low)} to {number(found.high)}, {found.level:.0%}"
    return [f"predicted validation loss {number(found.loss)} ({span})"]


def _cost(report: Report) -> list[str]:
    cost = report.cost
    budget = "" if cost.budget is None else f" of {number(cost.budget)}"
    spent = f"cost {number(cost.full_runs)}{budget} full runs"
    return [f"{spent}, {number(cost.probes)} probes, {duration(cost.seconds)}"]


def _short_cost(report: Report, width: int) -> list[str]:
    """Prediction and cost on one line, for reports with many changes; abbreviated where it would not fit."""
    spent = f"cost {number(report.cost.full_runs)} full runs"
    timed = f"{spent}, {duration(report.cost.seconds)}"
    told = [line.replace("predicted validation loss", "predicted loss") for line in _prediction(report)]
    brief = [line.partition(" (")[0] for line in told]
    forms = ["; ".join((*said, price)) for said in (told, brief) for price in (timed, spent)]
    return [next((form for form in forms if columns(form) <= width), forms[-1])]


def _paths(config: str, page: str, width: int) -> list[str]:
    shown = [(name, one_line(path, 1000)) for name, path in (("config", config), ("report", page)) if path]
    both = "  ".join(f"{name} {path}" for name, path in shown)
    if columns(both) <= width:
        return [both] if both else []
    homes = {path.rpartition("/")[0] for _, path in shown}
    if len(shown) == 2 and len(homes) == 1:
        files = " and ".join(path.rpartition("/")[2] for _, path in shown)
        together = f"{files} in {homes.pop()}"
        if columns(together) <= width:
            return [together]
    return [f"{name} {_tail(path, width - len(name) - 1)}" for name, path in shown]


def _tail(path: str, width: int) -> str:
    """The end of a path, which is more informative than its start."""
    while columns(path) > width:
        path = "…" + path[2 if path.startswith("…") else 1 :]
    return path
