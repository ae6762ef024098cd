"""Sound tasks, each unmodified and with one injected fault."""

import json
import math
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from halves import HALVES, half_of
from watched import BENCHMARKS, KINDS, train

from advisor.schema.watching import WatchReport


def tasks(half: str) -> list[Path]:
    """Files of the sound trainings of a half."""
    found = [
        *(BENCHMARKS / "mutations" / "healthy").glob("*.py"),
        *(BENCHMARKS / "faults_real" / "healthy").glob("*.py"),
    ]
    return sorted((path for path in found if half_of(path.stem) == half), key=lambda path: path.stem)


def kind_of(name: str) -> str:
    """The fault injected into a task; assigned in turn by the order of the names."""
    names = sorted(path.stem for half in HALVES for path in tasks(half))
    return KINDS[names.index(name) % len(KINDS)]


def spoilt(sound: list[float], broken: list[float]) -> bool:
    """Whether the broken run ends nearer to the first loss than to the best loss of the sound run."""
    first, best, end = sound[0], min(sound), broken[-1]
    start = max(first, broken[0]) if math.isfinite(broken[0]) else first
    return not math.isfinite(end) or end > 0.5 * (start + best)


def row(name: str, kind: str, made: dict[str, Any], sound: list[float] | None) -> dict[str, Any]:
    """The table row of one training."""
    report: WatchReport = made["report"]
    said = [item for item in report.verdicts if item.said_at < made["steps"]]
    wanted = {"LR002", "FT013"} if kind == "rate far too low" else set()
    right = [item for item in said if item.finding.severity == "fault" or item.finding.code in wanted]
    return {
        "task": name, "fault": kind, "steps": made["steps"],
        "first": made["losses"][0], "last": made["losses"][-1],
        "spoilt": sound is not None and spoilt(sound, made["losses"]),
        "verdicts": len(made["turns"]), "said_again": sum(turns > 2 for turns in made["turns"]),
        "called_at": min((item.said_at for item in right), default=0) / made["steps"],
        "said": [f"{item.finding.code} {item.finding.severity} {item.finding.confidence} at {item.said_at}"
                 + (f", back at {item.taken_back_at}" if item.taken_back_at else "") for item in report.verdicts],
    }  # fmt: skip


def trainings(half: str) -> dict[str, Any]:
    """Watches every task of a half, unmodified and with its fault."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for path in tasks(half):
            sound = train(path, "", Path(folder))
            broken = train(path, kind_of(path.stem), Path(folder))
            for kind, made, other in (("", sound, None), (kind_of(path.stem), broken, sound["losses"])):
                rows.append(row(path.stem, kind, made, other))
                print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    counted = [item for item in rows if item["spoilt"]]
    called = [item for item in counted if item["called_at"]]
    healthy = [item for item in rows if not item["fault"]]
    faults = [item for item in healthy if any(" fault " in said for said in item["said"])]
    slow = [item for item in healthy if any(said.startswith("LR002") for said in item["said"])]
    return {
        "broken": len(counted), "not spoilt by their fault": len(rows) - len(healthy) - len(counted),
        "recall": len(called) / max(1, len(counted)),
        "median_called_at": median([item["called_at"] for item in called]) if called else None,
        "sound": len(healthy), "false faults": [item["task"] for item in faults],
        "sound called too slow": [item["task"] for item in slow],
        "verdicts": sum(item["verdicts"] for item in rows),
        "said again after they were taken back": sum(item["said_again"] for item in rows),
        "missed": [f"{item['task']}: {item['fault']}" for item in counted if not item["called_at"]],
        "rows": rows,
    }  # fmt: skip
