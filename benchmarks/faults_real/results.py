"""Shares with their confidence intervals, and published figures of other tools."""

import math
from typing import Any

from causes import detects, names

PUBLISHED = (
    "| tool | programs | detected | cause named | source |\n|---|---|---|---|---|\n"
    "| DEFault | 52 real | 94.3 % | 63.5 % | Jahan et al., ICSE 2025, arXiv 2501.12560, README of its package |\n"
    "| DeepFD | the same 52 | 90.4 % | 51.9 % | DEFault's margins of 3.92 and 11.54 points over it |\n"
    "| DeepFD | 58 real | | 52 % | Cao et al., ICSE 2022, arXiv 2205.01938 |\n"
    "| UMLAUT, AutoTrainer, DeepLocalize: the best of them | 58 real | | 27 % | the same paper's comparison |\n"
    "| DeepFD | real and seeded | | recall 0.55, precision 0.37 | Humbatova et al., EMSE 2025, PMC12152046 |\n"
    "None of them publishes false alarms on repaired programs. Their programs are Keras; ours are re-made in PyTorch."
)
_Z = 1.959964


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % confidence interval of a share (Wilson 1927)."""
    if not count:
        return 0.0, 1.0
    share, z = hits / count, _Z**2 / count
    middle = (share + z / 2) / (1 + z)
    half = _Z / (1 + z) * math.sqrt(share * (1 - share) / count + z / (4 * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def summary(rows: list[dict[str, Any]], half: str) -> dict[str, Any]:
    """Counts of one half."""
    mine = [row for row in rows if row["half"] == half]
    faults = [row for row in mine if row["kind"] == "fault"]
    sound = [row for row in mine if row["kind"] != "fault"]
    return {
        "half": half,
        "faults": len(faults),
        "detected": sum(detects(row["cause"], row) for row in faults),
        "named": sum(names(row["cause"], row) for row in faults),
        "sound": len(sound),
        "false_alarms": sum(bool(row["faults"]) or row["status"] == "untrainable" for row in sound),
        "missed": [row["name"] for row in faults if not names(row["cause"], row)],
        "blamed": {f"{row['name']} ({row['kind']})": row["faults"] for row in sound if row["faults"]},
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Both halves, and the published figures."""
    lines = ["| half | detected | cause named | false alarms on sound trainings |", "|---|---|---|---|"]
    details = []
    for half in ("development", "held-out"):
        found = summary(rows, half)
        cells = [
            _share(found["detected"], found["faults"]), _share(found["named"], found["faults"]),
            _share(found["false_alarms"], found["sound"]),
        ]  # fmt: skip
        lines.append(f"| {half} | " + " | ".join(cells) + " |")
        details.append(f"{half}: not named {', '.join(found['missed']) or 'none'}; blamed {found['blamed'] or 'none'}")
    return "\n".join([*lines, *details, "", PUBLISHED])


def _share(hits: int, count: int) -> str:
    low, high = wilson(hits, count)
    return f"{hits} of {count} ({low:.2f} to {high:.2f})"
