"""reports/index.html: every run under a folder, newest first."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from advisor.jsonio import write_atomic
from advisor.report.html import environment
from advisor.report.parts import finite, mapping, text
from advisor.report.words import clean, knob, number, objective, setting

_STATUS = {"advice": "advice", "untrainable": "cannot be trained", "interrupted": "interrupted"}


def render_index(reports: list[dict[str, Any]]) -> str:
    """The index page of some reports.

    Args:
        reports: What each report.json holds. A row links to ``<name>/<run>/report.html``.

    Returns:
        HTML text, newest report first; the same bytes for the same reports.
    """
    ordered = sorted(reports, key=_age, reverse=True)
    rows = [_row(report, _previous(ordered, place)) for place, report in enumerate(ordered)]
    return environment().get_template("index.html.j2").render(rows=rows)


def write_index(root: Path) -> Path:
    """Writes ``root/index.html`` from every ``root/<name>/<run>/report.json`` that can be read.

    Returns:
        The path of the page.
    """
    reports = []
    for path in sorted(root.glob("*/*/report.json")):
        try:
            report = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(report, dict):
            reports.append({**report, "name": path.parent.parent.name, "run": path.parent.name})
    page = root / "index.html"
    write_atomic(page, render_index(reports))
    return page


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


def _settings(report: dict[str, Any]) -> dict[str, Any]:
    config = mapping(report.get("recommended"))
    flat = {knob(key): value for key, value in mapping(config.get("optimizer")).items() if key not in ("name", "betas")}
    flat["schedule"] = mapping(config.get("schedule")).get("name", "constant")
    return flat | {knob(key): config.get(key) for key in ("batch_size", "epochs", "clip_grad_norm")}


def _since(report: dict[str, Any], previous: dict[str, Any] | None) -> str:
    """What this run advises otherwise than the one before it, in words; empty if there is none to compare."""
    if previous is None or not mapping(report.get("recommended")):
        return ""
    old, new = _settings(previous), _settings(report)
    moved = [
        f"{name} {setting(old.get(name))} → {setting(value)}" for name, value in new.items() if old.get(name) != value
    ]
    return f"Since {text(previous.get('run'), 'the last run')}: " + ("; ".join(moved) if moved else "the same advice.")


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
    }


def _shown(value: Any) -> str:
    return "–" if value is None else setting(value)


def _href(report: dict[str, Any]) -> str:
    parts = [text(report.get(name)) for name in ("name", "run")]
    if any(part in ("", ".", "..") or clean(part, len(part) + 1) != part for part in parts):
        return ""
    return "/".join(quote(part, safe="") for part in parts) + "/report.html"
