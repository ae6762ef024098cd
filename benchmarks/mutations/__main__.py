"""Detection of injected faults, and false alarms on sound trainings.

    python benchmarks/mutations --work FOLDER [--half development|held-out] [--only NAME ...] [--out RESULT.json]

Twenty healthy trainings (``healthy/``) and mutants of them (``operators.py``) are diagnosed with the default budget,
and trained in full with the settings they have (``training.py``); ``judging.py`` says what counts. Each diagnosis and
each set of trainings is appended to ``FOLDER/rows.jsonl`` at once, and one that is there already for the same text is
not made again; ``--again`` diagnoses anew, probes in the ledger being reused. With ``--out`` the result is written.
"""

import argparse
import hashlib
import json
import math
import re
import time
from pathlib import Path
from typing import Any

import torch
from judging import SETTINGS
from operators import mutants
from results import one_row_a_line, summary, table
from training import constant_prediction, over_seeds

import advisor
from advisor.errors import AdvisorError

HERE = Path(__file__).parent
DEVELOPMENT = (
    "digits_mlp", "digits_cnn_bn", "digits_gru", "digits_transformer", "digits_autoencoder", "tumours_logit",
    "friedman_mlp", "labels_mlp", "rare_class_mlp", "topics_bag",
)  # fmt: skip
"""The development half, fixed before any diagnosis; the others are held out."""
SEEDS = {"healthy": 5, "mutant": 3}


class Rows:
    """Finished rows, in a file that only grows; the last one of a kind and text counts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.all = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def find(self, kind: str, case: dict[str, Any]) -> dict[str, Any] | None:
        """The last row of a kind for a case's text."""
        found = [row for row in self.all if row["kind"] == kind and row["text_id"] == case["text_id"]]
        return found[-1] if found else None

    def add(self, row: dict[str, Any]) -> dict[str, Any]:
        """Appends one row."""
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        self.all.append(row)
        return row


def cases(half: str) -> list[dict[str, Any]]:
    """Healthy files first, then the mutants, of one half."""
    texts = {path.stem: path.read_text() for path in sorted((HERE / "healthy").glob("*.py"))}
    mine = {name: text for name, text in texts.items() if (name in DEVELOPMENT) == (half == "development")}
    made = [{"operator": None, "severity": None, "parent": name, "text": text} for name, text in mine.items()]
    for operator, severity, name, text in mutants(mine):
        made.append({"operator": operator, "severity": severity, "parent": name, "text": text})
    for case in made:
        case["half"], case["healthy"] = half, mine[case["parent"]]
        case["text_id"] = hashlib.sha1(case["text"].encode()).hexdigest()[:12]
    return made


def written(case: dict[str, Any], work: Path) -> Path:
    """The case's ``model.py`` in a folder of its own."""
    path = work / case["text_id"] / f"{case['parent']}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(case["text"])
    return path


def diagnose(case: dict[str, Any], work: Path) -> dict[str, Any]:
    """Diagnoses the file and returns its row."""
    path, started = written(case, work), time.perf_counter()
    named = {name: case[name] for name in ("text_id", "parent", "operator", "severity", "half")}
    try:
        out = path.parent / "reports"
        data = advisor.diagnose(path, out=out, workers=1, device="cpu", progress=False).data
    except AdvisorError as error:
        seen = re.findall(r"\b[A-Z]{2}\d{3}\b", str(error))
        return {"kind": "diagnosis", **named, "status": f"refused: {error}", "detected": seen, "recommended": None}
    return {
        "kind": "diagnosis", **named, "status": data["status"],
        "detected": [finding["code"] for finding in data["findings"] if finding["verdict"] == "detected"],
        "evidence": {f["code"]: f["evidence"]["text"] for f in data["findings"] if f["verdict"] == "detected"},
        "recommended": data.get("recommended"), "cost": data["cost"]["full_runs"],
        "seconds": round(time.perf_counter() - started, 1),
    }  # fmt: skip


def train(case: dict[str, Any], work: Path) -> dict[str, Any]:
    """Trains the file's own settings over seeds; with the best constant prediction if it is healthy."""
    path = written(case, work)
    kind = "mutant" if case["operator"] else "healthy"
    runs = over_seeds(path, SEEDS[kind])
    row = {"kind": "training", "text_id": case["text_id"], "parent": case["parent"], **_plain(runs)}
    if kind == "healthy":
        row["guess"] = _plain({name: [value] for name, value in constant_prediction(path).items()})
    return row


def retrain(case: dict[str, Any], diagnosed: dict[str, Any], work: Path) -> dict[str, Any]:
    """Trains the recommended configuration in the case's file."""
    runs = over_seeds(written(case, work), SEEDS["mutant"], diagnosed["recommended"])
    return {"kind": "retraining", "text_id": case["text_id"], "parent": case["parent"], **_plain(runs)}


def missed(wanted: list[dict[str, Any]], rows: Rows) -> list[dict[str, Any]]:
    """Cases with a changed setting that were neither named nor moved back, and for which something was recommended."""
    judged = {(m["operator"], m["severity"], m["parent"]): m for m in summary(wanted, rows)["mutants"]}
    keys = [(case, judged.get((case["operator"], case["severity"], case["parent"]))) for case in wanted]
    left = [case for case, m in keys if m and m["hurts"] and not m["found"] and case["operator"] in SETTINGS]
    return [case for case in left if (rows.find("diagnosis", case) or {}).get("recommended")]


def _plain(runs: dict[str, list[float]]) -> dict[str, list[float | None]]:
    return {name: [value if math.isfinite(value) else None for value in values] for name, values in runs.items()}


def main() -> None:
    """Adds the missing rows and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--half", choices=("development", "held-out"))
    parser.add_argument("--only", nargs="*", default=[], help="operators, or 'healthy'")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--steps", nargs="*", default=["diagnosis", "training"])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--note", action="append", default=[], help="a note stored in the result")
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.work.mkdir(parents=True, exist_ok=True)
    rows = Rows(given.work / "rows.jsonl")
    wanted = [case for half in ([given.half] if given.half else ["development", "held-out"]) for case in cases(half)]
    for step, make in (("diagnosis", diagnose), ("training", train)):
        for case in wanted if step in given.steps else []:
            if given.only and (case["operator"] or "healthy") not in given.only:
                continue
            if rows.find(step, case) is None or (given.again and step == "diagnosis"):
                row = rows.add(make(case, given.work))
                what = f"{case['parent']}, {case['operator'] or 'healthy'} {case['severity'] or ''}"
                print(what, row.get("detected", row.get("loss")), row.get("seconds", ""), flush=True)
    for case in missed(wanted, rows) if "training" in given.steps else []:
        row = rows.add(retrain(case, rows.find("diagnosis", case) or {}, given.work))
        print(f"{case['parent']}, {case['operator']} {case['severity']}, retrained", row["loss"], flush=True)
    result = summary(wanted, rows)
    print(table(result))
    if given.out:
        result["notes"] = given.note
        given.out.write_text(one_row_a_line(result) + "\n")


if __name__ == "__main__":
    main()
