"""Reads the files of a run and compares its ledger with that of an undisturbed run."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml


def store(run: Path) -> list[tuple[str, dict[str, Any]]]:
    """Keys and traces of all complete lines of the ledger."""
    found = []
    with suppress(OSError):
        for line in (run / "ledger" / "probes.jsonl").read_text(errors="replace").splitlines():
            with suppress(ValueError, KeyError, TypeError):
                entry = json.loads(line)
                found.append((entry["key"], entry["trace"]))
    return found


def essence(trace: dict[str, Any]) -> dict[str, Any]:
    """A trace without its timings."""
    return {name: value for name, value in trace.items() if name not in ("seconds", "step_seconds")}


def differences(trace: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Fields in which a trace differs from the undisturbed one; empty if none do."""
    mine = essence(trace)
    names = [name for name in mine if mine[name] != wanted.get(name)]
    return "; ".join(f"{name} {str(mine[name])[:80]} instead of {str(wanted.get(name))[:80]}" for name in names)


def unreadable(run: Path) -> list[str]:
    """Report files that exist but cannot be read completely."""
    found = []
    try:
        if (run / "report.json").exists():
            assert json.loads((run / "report.json").read_text())["status"] in ("advice", "interrupted")
        if (run / "report.html").exists():
            assert (run / "report.html").read_text().rstrip().endswith("</html>")
        if (run / "config.yaml").exists():
            assert yaml.safe_load((run / "config.yaml").read_text())["optimizer"]["lr"] > 0
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        found.append(f"{type(error).__name__}: {error}")
    return found
