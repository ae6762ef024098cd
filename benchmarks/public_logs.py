"""Findings of `advisor read` on public logs, compared with what a practitioner sees in their curves.

Usage: python benchmarks/public_logs.py INDEX FOLDER [--out FILE.json]

INDEX is a JSON list of logs: ``repo``, ``commit``, ``paths``, ``half`` (``seen`` while rules were worked on,
or ``aside``), ``folder`` (below FOLDER, where the files lie as they were fetched), ``label`` and ``sees``, written from
the curves before the tool was run. A table that was written by this script is such a list. Labels: ``healthy``,
``improving`` (healthy, and still getting better), ``wrong``, ``unjudgeable``, ``no log``.

Beside FILE.json a table in Markdown is written. Nothing of the logs is kept in this repository.
"""

import argparse
import json
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from advisor.app.read.opening import NOTHING_WRONG, SOUND_ENOUGH, opening
from advisor.app.read.result import Reading, detected, read_and_judge

ALARMS = {"FT001", "FT002", "FT005", "FT008", "FT014", "LR001", "LR002", "EP001"}
"""Findings that count as false alarms on a sound run."""
SOUND = ("healthy", "improving")


def judged(row: dict, root: Path) -> dict:
    """A row of the index with the findings of the tool, and whether they are correct."""
    reading = read_and_judge([root / row["folder"]])
    runs = [
        {"run": evidence.run.name, "kind": evidence.run.kind, "main": evidence.main.name if evidence.main else "",
         "said": list(opening(evidence, findings)),
         "found": [f"{item.code} {item.severity} {item.confidence}" for item in detected(findings)]}
        for evidence, findings in reading.runs
    ]  # fmt: skip
    said = [text for run in runs for text in run["said"]]
    codes = {text.split()[0] for run in runs for text in run["found"]}
    comforts = any(text in (NOTHING_WRONG, SOUND_ENOUGH) for text in said)
    return {
        **row,
        "form": sorted({run["kind"] for run in runs}) or (["declined"] if reading.declined else []),
        "runs": runs[:6],
        "declined": [why for why, _ in reading.declined],
        "read": something(reading),
        "false_comfort": comforts and row["label"] in ("wrong", "unjudgeable"),
        "false_alarm": row["label"] in SOUND and bool(codes & ALARMS),
    }


def something(reading: Reading) -> bool:
    """Whether anything was read."""
    return bool(reading.runs or reading.comparison or reading.declined)


def summary(rows: Sequence[dict]) -> dict:
    """Counts of one half."""
    logs = [row for row in rows if row["label"] != "no log"]
    sound = [row for row in logs if row["label"] in SOUND]
    return {
        "logs": len(logs),
        "projects": len({row["repo"] for row in logs}),
        "no logs": len(rows) - len(logs),
        "read": sum(row["read"] for row in logs),
        "wrong or unjudgeable": len(logs) - len(sound),
        "false comfort": sum(row["false_comfort"] for row in logs),
        "sound": len(sound),
        "false alarms": sum(row["false_alarm"] for row in sound),
    }


def table(rows: Sequence[dict], head: str) -> str:
    """The rows in Markdown."""
    lines = [
        head,
        "",
        "| half | project | file | commit | form | seen in the curve | `advisor read` |",
        "|" + "---|" * 7,
    ]
    for row in rows:
        told = [f"{'; '.join([*run['said'][:1], *run['found']])}" for run in row["runs"][:2]] or row["declined"][:1]
        words = "<br>".join(text.replace("|", "\\|")[:220] for text in told) or "not read"
        mark = " **false comfort**" if row["false_comfort"] else " **false alarm**" if row["false_alarm"] else ""
        more = f" and {len(row['paths']) - 1} more" if len(row["paths"]) > 1 else ""
        where = f"{row['repo']} | {row['paths'][0]}{more} | {row['commit'][:10]} | {', '.join(row['form'])}"
        lines.append(f"| {row['half']} | {where} | {row['label']}: {row['sees']} | {words}{mark} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Prints the counts; writes JSON and Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    known = json.loads(given.index.read_text(encoding="utf-8"))
    rows = [judged(row, given.folder) for row in (known["logs"] if isinstance(known, dict) else known)]
    counts = {half: summary([row for row in rows if row["half"] == half]) for half in ("seen", "aside")}
    print(json.dumps(counts, indent=1))
    if given.out:
        earlier = {key: known[key] for key in ("before", "notes") if isinstance(known, dict) and key in known}
        head = {"date": date.today().isoformat(), "device": f"{platform.machine()}, CPU", "counts": counts, **earlier}
        given.out.write_text(json.dumps({**head, "logs": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        text = "# Public logs\n\n" + "\n".join(f"- {half}: {values}" for half, values in counts.items())
        text += "".join(f"\n- {note}" for note in earlier.get("notes", []))
        given.out.with_suffix(".md").write_text(table(rows, text), encoding="utf-8")


if __name__ == "__main__":
    main()
