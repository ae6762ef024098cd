"""Recall and precision of the rows, as numbers and as a table."""

import json
import math
import platform
import time
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from judging import ALARMS, hurts, judge
from training import median

PUBLISHED = {"recall": 0.55, "precision": 0.37}
"""Best of four rivals, each its own best: DeepFD and NeuraLint (EMSE 2025, 10.1007/s10664-025-10657-7)."""
_Z = 1.96


def wilson(right: int, all_: int) -> dict[str, Any]:
    """A share with its 95 % Wilson interval."""
    if not all_:
        return {"right": 0, "of": 0, "share": None, "low": None, "high": None}
    p, n = right / all_, all_
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return {"right": right, "of": n, "share": round(p, 3), "low": round(low, 3), "high": round(high, 3)}


def summary(cases: list[dict[str, Any]], rows: Any) -> dict[str, Any]:
    """Summary of the cases that have been diagnosed and trained."""
    healthy = {}
    for case in (case for case in cases if case["operator"] is None):
        row, training = rows.find("diagnosis", case), rows.find("training", case)
        if row is not None:
            healthy[case["parent"]] = {"row": row, "training": training, "half": case["half"]}
    judged = [item for case in cases if case["operator"] and (item := _mutant(case, rows, healthy)) is not None]
    halves = {half: _half(half, healthy, judged) for half in ("development", "held-out")}
    return {
        "date": time.strftime("%Y-%m-%d"), "python": platform.python_version(),
        "versions": {name: version(name) for name in ("torch", "scikit-learn", "numpy", "tuning-advisor")},
        "device": f"{platform.machine()}, one core, CPU", "command": "python benchmarks/mutations --work FOLDER",
        "seeds": {"diagnosis": [0], "healthy trainings": 5, "mutant trainings": 3}, "published": PUBLISHED,
        **halves, "both": _half(None, healthy, judged), "mutants": judged,
        "healthy": [_healthy(name, item) for name, item in healthy.items()],
    }  # fmt: skip


def _healthy(name: str, item: dict[str, Any]) -> dict[str, Any]:
    found = {"name": name, "half": item["half"], "alarms": _alarms(item["row"]), "detected": item["row"]["detected"]}
    training = item["training"]
    if training is not None:
        losses = [math.inf if loss is None else loss for loss in training["loss"]]
        errors = [error for error in training["error"] if error is not None]
        found |= {"loss": median(losses), "guess_loss": training["guess"]["loss"][0]}
        found |= {"error": median(errors), "guess_error": training["guess"]["error"][0]} if errors else {}
    return found


def _alarms(row: dict[str, Any]) -> list[str]:
    return [code for code in row["detected"] if code in ALARMS]


def _mutant(case: dict[str, Any], rows: Any, healthy: dict[str, Any]) -> dict[str, Any] | None:
    row, training, parent = rows.find("diagnosis", case), rows.find("training", case), healthy.get(case["parent"])
    if row is None or training is None or parent is None or parent["training"] is None:
        return None
    test = hurts(case["operator"], training, parent["training"])
    said = judge(case, row, parent["row"])
    repaired = rows.find("retraining", case)
    if (
        not said["found"]
        and repaired is not None
        and not hurts(case["operator"], repaired, parent["training"])["hurts"]
    ):
        said = {**said, "found": True, "by": ["retrained"], "true": said["true"] + 1}
    named = {name: case[name] for name in ("operator", "severity", "parent", "half")}
    return {**named, **test, **said, "status": row["status"], "detected": row["detected"]}


def _half(half: str | None, healthy: dict[str, Any], judged: list[dict[str, Any]]) -> dict[str, Any]:
    sound = [item for item in healthy.values() if half in (None, item["half"])]
    mine = [item for item in judged if half in (None, item["half"])]
    faults = [item for item in mine if item["hurts"]]
    true, false = sum(item["true"] for item in mine), sum(len(item["false"]) for item in mine)
    return {
        "false_alarms": wilson(sum(bool(_alarms(item["row"])) for item in sound), len(sound)),
        "recall": _share(faults),
        "recall_without_retraining": wilson(sum(f["found"] and f["by"] != ["retrained"] for f in faults), len(faults)),
        "precision": wilson(true, true + false),
        "equivalent": len(mine) - len(faults),
        "recall_by_operator": _grouped(faults, "operator"),
        "recall_by_severity": _grouped(faults, "severity"),
    }


def _share(items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    found = [item["found"] for item in items]
    return wilson(sum(found), len(found))


def _grouped(faults: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return {value: _share(item for item in faults if item[key] == value) for value in {f[key]: 0 for f in faults}}


def one_row_a_line(result: dict[str, Any]) -> str:
    """JSON whose lists have one item a line, so that differences can be read."""
    parts = []
    for key, value in result.items():
        if isinstance(value, list) and value:
            lines = ",\n".join("  " + json.dumps(item, allow_nan=False) for item in value)
            parts.append(f' "{key}": [\n{lines}\n ]')
        else:
            parts.append(f' "{key}": {json.dumps(value, allow_nan=False)}')
    return "{\n" + ",\n".join(parts) + "\n}"


def table(result: dict[str, Any]) -> str:
    """The result as a text table."""
    lines = []
    for item in result["healthy"]:
        loss = f"loss {item['loss']:.3g}, constant {item['guess_loss']:.3g}" if "loss" in item else "not trained"
        lines.append(f"healthy {item['name']:20} {loss}; alarms: {' '.join(item['alarms']) or 'none'}")
    for item in result["mutants"]:
        missed = "refused" if item["status"].startswith("refused") else "MISSED"
        state = "equivalent" if not item["hurts"] else "found" if item["found"] else missed
        by = " ".join(item["by"]) + (f"  wrong: {' '.join(item['false'])}" if item["false"] else "")
        lines.append(f"{item['operator']:26} {item['severity']:7} {item['parent']:20} {state:11} {by}")
    for half in ("development", "held-out", "both"):
        part = result[half]
        lines.append(f"{half}: " + "; ".join(f"{name} {_text(part[name])}" for name in _SHOWN))
        lines += [f"    {name:28} {_text(share)}" for name, share in part["recall_by_operator"].items()]
        lines += [f"    {name:28} {_text(share)}" for name, share in part["recall_by_severity"].items()]
    lines.append(f"best published: recall {PUBLISHED['recall']}, precision {PUBLISHED['precision']}")
    return "\n".join(lines)


_SHOWN = ("false_alarms", "recall", "recall_without_retraining", "precision")


def _text(share: dict[str, Any]) -> str:
    if not share["of"]:
        return "-"
    return f"{share['right']} of {share['of']} ({share['share']:.2f}, {share['low']:.2f} to {share['high']:.2f})"
