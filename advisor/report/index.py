"""reports/index.html: every run under a folder, newest first, and every comparison."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from advisor.report.comparison_page import verdict
from advisor.report.formatting import clean, knob, number, objective, one_line, sentence, setting
from advisor.report.html import environment
from advisor.report.lenient import finite, mapping, mappings, text
from advisor.utils.jsonio import read_report, write_atomic

_STATUS = {"advice": "advice", "untrainable": "cannot be trained", "interrupted": "interrupted"}


def render_index(reports: list[dict[str, Any]], comparisons: Sequence[dict[str, Any]] = ()) -> str:
    """The index page of some reports and comparisons.

    Args:
        reports: What each report.json holds. A row links to ``<name>/<run>/report.html``.
        comparisons: What each compare.json holds; a row links to ``<name>/<run>/compare.html``.

    Returns:
        HTML text, newest report first; the same bytes for the same reports.
    """
    ordered = sorted(reports, key=_age, reverse=True)
    rows = [_row(report, _previous(ordered, place)) for place, report in enumerate(ordered)]
    compared = [_compared(comparison) for comparison in sorted(comparisons, key=_age, reverse=True)]
    return environment().get_template("index.html.j2").render(rows=rows, compared=compared)


def write_index(root: Path) -> Path:
    """Writes ``root/index.html`` from every ``root/<name>/<run>/report.json`` that can be read.

    Returns:
        The path of the page.
    """
    page = root / "index.html"
    write_atomic(page, render_index(_read(root, "report.json"), _read(root, "compare.json")))
    return page


def _read(root: Path, name: str) -> list[dict[str, Any]]:
    """Every file of that name that can be read, named by the folders that it lies in."""
    found = []
    for path in sorted(root.glob(f"*/*/{name}")):
        try:
            data = read_report(path)
        except (OSError, ValueError):
            continue
        found.append({**data, "name": path.parent.parent.name, "run": path.parent.name})
    return found


def _compared(data: dict[str, Any]) -> dict[str, Any]:
    started = _started(data)
    return {
        "name": text(data.get("name"), "unnamed"),
        "run": text(data.get("run"), "–"),
        "href": _href(data, "compare.html"),
        "started": started.strftime("%Y-%m-%d %H:%M") if started else "–",
        "verdict": sentence(verdict(mappings(data.get("variants")), one_line(text(data.get("varied"), "value"), 60))),
    }


def _age(report: dict[str, Any]) -> tuple[str, str, str]:
    started = _started(report)
    return (started.isoformat() if started else "", str(report.get("run")), str(report.get("name")))


def _started(report: dict[str, Any]) -> datetime | None:
    try:
        found = datetime.fromisoformat(text(mapping(report.get("provenance")).get("started")))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _previous(ordered: list[dict[str, Any]], place: int) -> dict[str, Any] | None:
    """The run of the same task before this one, if it recommended something."""
    name = ordered[place].get("name")
    earlier = (report for report in ordered[place + 1 :] if report.get("name") == name)
    return next((report for report in earlier if mapping(report.get("recommended"))), None)


def _settings(config: Any) -> dict[str, Any]:
    """A configuration as flat names and values; empty if there is none."""
    known = mapping(config)
    if not known:
        return {}
    optimizer = mapping(known.get("optimizer"))
    flat = {knob(key): value for key, value in optimizer.items() if key not in ("name", "betas")}
    flat["optimizer"] = optimizer.get("name")
    flat["schedule"] = mapping(known.get("schedule")).get("name", "constant")
    return flat | {knob(key): known.get(key) for key in ("batch_size", "epochs", "clip_grad_norm")}


def _moved(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What differs, in words."""
    return [
        f"{name} {setting(old.get(name))} → {setting(value)}" for name, value in new.items() if old.get(name) != value
    ]


def _since(report: dict[str, Any], previous: dict[str, Any] | None) -> list[str]:
    """What is otherwise than in the run of this task before: the task, what is in use, the advice, the result."""
    if previous is None or not mapping(report.get("recommended")):
        return []
    prints = [mapping(one.get("provenance")).get("task_fingerprint") for one in (previous, report)]
    parts = ["code or data changed"] if all(prints) and prints[0] != prints[1] else []
    in_use = _moved(_settings(previous.get("current")), _settings(report.get("current")))
    parts += [f"in use: {', '.join(in_use)}"] if in_use else []
    advised = _moved(_settings(previous.get("recommended")), _settings(report.get("recommended")))
    parts += [f"advice: {', '.join(advised)}" if advised else "the same advice"]
    before, after = _result(previous), _result(report)
    parts += [f"expected: {before} → {after}"] if before != after and "–" not in (before, after) else []
    return parts


def _result(report: dict[str, Any]) -> str:
    found = mapping(report.get("prediction"))
    if finite(found.get("loss")) is not None:
        return f"{number(found['loss'])} ({number(found.get('low'))} to {number(found.get('high'))})"
    value = finite(mapping(mapping(mapping(report.get("series")).get("comparison")).get("advised")).get("value"))
    return "–" if value is None else f"{objective(report)} {number(value)} in a short run"


def _row(report: dict[str, Any], previous: dict[str, Any] | None) -> dict[str, Any]:
    config = mapping(report.get("recommended"))
    started = _started(report)
    status = text(report.get("status"), "unknown")
    return {
        "name": text(report.get("name"), "unnamed"),
        "run": text(report.get("run"), "–"),
        "href": _href(report),
        "started": started.strftime("%Y-%m-%d %H:%M") if started else "–",
        "status": status,
        "status_words": _STATUS.get(status, status),
        "verdict": text(report.get("verdict")),
        "lr": _shown(mapping(config.get("optimizer")).get("lr")),
        "batch": _shown(config.get("batch_size")),
        "epochs": _shown(config.get("epochs")),
        "cost": mapping(report.get("cost")),
        "result": _result(report),
        "since": _since(report, previous),
        "before": text(mapping(previous).get("run"), "the last run"),
        "rest": _rest(report),
    }


def _rest(report: dict[str, Any]) -> str:
    """The advised settings that have no column of their own."""
    config = mapping(report.get("recommended"))
    flat = {name: value for name, value in _settings(config).items() if value is not None}
    listed = (flat.get(name) for name in ("optimizer", "schedule"))
    named = [f"{name} {setting(flat[name])}" for name in ("momentum", "weight decay") if name in flat]
    return ", ".join([*(setting(value) for value in listed if value), *named])


def _shown(value: Any) -> str:
    return "–" if value is None else setting(value)


def _href(report: dict[str, Any], page: str = "report.html") -> str:
    parts = [text(report.get(name)) for name in ("name", "run")]
    if any(part in ("", ".", "..") or clean(part, len(part) + 1) != part for part in parts):
        return ""
    return "/".join(quote(part, safe="") for part in parts) + f"/{page}"
