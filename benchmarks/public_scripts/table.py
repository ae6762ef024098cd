"""Writes the table of a run.

usage: python -m benchmarks.public_scripts.table RESULTS.jsonl... > benchmarks/results/DATE-public-scripts.md

The last result of each script counts.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

_CANNOT_RUN = ("make `", "install ", "run `python", "run it on", "give its own")


def kind(row: dict[str, Any]) -> str:
    """The outcome of a script, in a word or two."""
    if row["result"] == "captured":
        losses = row["losses"]
        return "captured" if losses is None or losses[0] == losses[1] else "captured, drawn at random"
    if row["found"].startswith("a first loss of") or "cannot be run apart" in row["found"]:
        return "not captured"
    return "could not run here" if row["do"].startswith(_CANNOT_RUN) else "refused"


def _set(row: dict[str, Any]) -> str:
    """The set of a script; older results distinguish only two."""
    return str(row["set"]) if "set" in row else "aside" if row["aside"] else "tuned"


def main() -> None:
    """Prints the counts of each set and one line per script."""
    rows: dict[str, dict[str, Any]] = {}
    for name in sys.argv[1:]:
        for line in Path(name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows[row["name"]] = row
    print("# Public training scripts, loaded as `advisor diagnose` does\n")
    sets = {"tuned": "looked at while it was built", "aside": "set aside", "later": "set aside, of other kinds",
            "seen": "a third list, looked at", "unseen": "its other half, set aside"}  # fmt: skip
    for name, label in sets.items():
        part = [row for row in rows.values() if _set(row) == name]
        if not part:
            continue
        counts = Counter(map(kind, part))
        same = sum(row["folder_same"] for row in part)
        print(f"- {label}: {len(part)}: {', '.join(f'{n} {k}' for k, n in counts.most_common())}; "
              f"folder the same byte for byte: {same} of {len(part)}")  # fmt: skip
    print("\n| set | script | commit | result | first loss: script, here | what was said | s |")
    print("|---|---|---|---|---|---|---|")
    for row in rows.values():
        losses = row.get("losses") or ("", "")
        said = row.get("found", "").replace("|", "/").replace("\n", " ")[:140]
        where = f"{row['repository']} {row['script']} {' '.join(row['arguments'])}".strip()
        print(f"| {_set(row)} | {where} | {row['commit'][:10]} | {kind(row)} | "
              f"{' '.join(losses)} | {said} | {row['seconds']} |")  # fmt: skip


if __name__ == "__main__":
    main()
