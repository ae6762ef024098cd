"""Detection of real faults and their causes, and false alarms on sound trainings.

    python benchmarks/faults_real --work FOLDER [--half development|held-out] [--look] [--only NAME ...] [--out RESULT]

Programs re-made in PyTorch from public reports (``programs/``, ``scripts/``), each with its repaired twin, and healthy
trainings of other kinds (``healthy/``, and those of ``benchmarks/mutations``). ``causes.py`` defines which findings
name a cause. The halves are fixed by the hash of a program's name; rules are improved on the development half only.
Each diagnosis is appended to ``FOLDER/rows.jsonl``; a text already diagnosed in the same mode is skipped unless
``--again`` is given. ``--look`` runs only the checks before training (families PF and TL).
"""

import argparse
import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any

import torch
from cases import HERE, Case, all_cases, write
from first_look import look as first_look
from results import summary, table

import advisor
from advisor.errors import AdvisorError


def diagnose(case: Case, work: Path, look: bool) -> dict[str, Any]:
    """Diagnoses a case and returns its row."""
    path, started = write(case, work), time.perf_counter()
    row = {"name": case.name, "kind": case.kind, "cause": case.cause, "half": case.half, "mode": _mode(look)}
    row["text"] = _key(case)
    if case.script:
        from loops import read_script

        return row | read_script(path)
    if look:
        return row | first_look(path) | {"seconds": round(time.perf_counter() - started, 1)}
    options = {"out": path.parent / "reports", "workers": 1, "device": "cpu", "progress": False}
    try:
        data = advisor.diagnose(path, **options).data
    except AdvisorError as error:
        return row | _refused(str(error)) | {"seconds": round(time.perf_counter() - started, 1)}
    found = [finding for finding in data["findings"] if finding["verdict"] == "detected"]
    now, advised = data["current"], data.get("recommended")
    return row | {
        "status": data["status"],
        "detected": [finding["code"] for finding in found],
        "faults": [finding["code"] for finding in found if finding["severity"] == "fault"],
        "said": {finding["code"]: _text(finding["evidence"]) for finding in found},
        "rate_ratio": advised["optimizer"]["lr"] / now["optimizer"]["lr"] if advised else None,
        "cost": data["cost"]["full_runs"],
        "seconds": round(time.perf_counter() - started, 1),
    }


def _text(evidence: Any) -> str:
    return evidence["text"] if isinstance(evidence, dict) else str(evidence)


def _refused(message: str) -> dict[str, Any]:
    """Reads the codes of faults from the message of a refusal."""
    codes = re.findall(r"\b(?:PF|TL|FT)\d{3}\b", message)
    return {"status": "refused", "detected": codes, "faults": codes, "said": {"": message}, "rate_ratio": None}


def _mode(look: bool) -> str:
    return "look" if look else "whole"


def _key(case: Case) -> str:
    return hashlib.sha1(case.text.encode()).hexdigest()[:12]


def others() -> list[Case]:
    """Healthy trainings of the benchmark of seeded faults."""
    folder = HERE.parent / "mutations" / "healthy"
    return [Case(path.stem, "healthy", "", False, path.read_text()) for path in sorted(folder.glob("*.py"))]


def main() -> None:
    """Adds the missing rows and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--half", choices=("development", "held-out"))
    parser.add_argument("--look", action="store_true")
    parser.add_argument("--kind", nargs="*", default=["fault", "twin", "healthy"])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.work.mkdir(parents=True, exist_ok=True)
    log = given.work / "rows.jsonl"
    rows = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    wanted = [case for case in (*all_cases(), *others()) if case.kind in given.kind]
    wanted = [case for case in wanted if given.half in (None, case.half)]
    wanted = [case for case in wanted if not given.only or case.name in given.only]
    kept: list[dict[str, Any]] = []
    for case in wanted:
        known = [row for row in rows if row["text"] == _key(case) and row["mode"] == _mode(given.look)]
        if known and not given.again:
            kept.append(known[-1])
            continue
        row = diagnose(case, given.work, given.look)
        with log.open("a") as file:
            file.write(json.dumps(row) + "\n")
        kept.append(row)
        print(
            case.name,
            case.kind,
            row["status"],
            row["detected"],
            "faults",
            row["faults"],
            row.get("seconds"),
            flush=True,
        )
    print(table(kept))
    if given.out:
        result = {"halves": [summary(kept, half) for half in ("development", "held-out")], "rows": kept}
        given.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
