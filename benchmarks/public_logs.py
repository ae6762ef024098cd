"""What `advisor read` makes of published logs: one folder a project, as they were fetched.

Usage: python benchmarks/public_logs.py FOLDER [--out FILE]

For each project: how many runs and tables of runs were read, what could not be, how each run was opened and which
rules fired. Nothing of the logs is kept in this repository; the table in benchmarks/results names their sources.
"""

import argparse
import json
from pathlib import Path

from advisor.app.read.opening import opening
from advisor.app.read.result import detected, read_and_judge


def project(folder: Path) -> dict:
    """One line of the table."""
    reading = read_and_judge([folder])
    return {
        "project": folder.name.replace("+", "/", 1),
        "kinds": sorted({evidence.run.kind for evidence, _ in reading.runs}),
        "runs": len(reading.runs),
        "compared": len(reading.comparison),
        "not_judged": sum(len(names) for _, names in reading.declined),
        "failures": [failure.found.rsplit(": ", 1)[-1] for failure in reading.failures],
        "verdicts": [
            {"run": evidence.run.name, "main": evidence.main.name if evidence.main else "",
             "said": list(opening(evidence, findings)),
             "found": [f"{item.code} {item.severity} {item.confidence}" for item in detected(findings)]}
            for evidence, findings in reading.runs[:6]
        ],
    }  # fmt: skip


def main() -> None:
    """Prints one line a project and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rows = []
    for folder in sorted(item for item in given.folder.iterdir() if item.is_dir()):
        rows.append(project(folder))
        print(json.dumps(rows[-1], ensure_ascii=False)[:300], flush=True)
        if given.out:
            given.out.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
