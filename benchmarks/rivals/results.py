"""Makes the committed result from the rows of `python benchmarks/rivals`.

python benchmarks/rivals/results.py --eval PATH --rows rows.jsonl --out benchmarks/results/DATE-rivals.json [--note ...]
"""

import argparse
import json
import math
import platform
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from replay import replay

PACKAGES = ("torch", "torch-lr-finder", "lightning", "fastai", "prodigyopt", "schedulefree", "optuna")
TASKS = ("housing_mlp", "fashion_cnn", "imdb_text", "shakespeare_gpt")


def finite(value: float) -> float | None:
    """The value, or None if training failed."""
    return round(value, 4) if math.isfinite(value) else None


def scored(score: Any, rows: list[dict[str, Any]], task: str) -> list[dict[str, Any]]:
    """A row per rival and seed: the mean over all training seeds if every choice has them, else its own seed's."""
    runs: dict[str, dict[int, dict[str, Any]]] = {}
    for row in rows:
        if row["kind"] == "run" and row["task"] == task:
            runs.setdefault(row["config_id"], {})[row["seed"]] = row
    choices = [
        row
        for row in rows
        if row["kind"] == "choice" and row["task"] == task and row["seed"] in runs.get(row["config_id"], {})
    ]
    seeds = {row["seed"] for row in choices}
    everything = all(set(runs.get(row["config_id"], {})) >= seeds for row in choices)
    out = []
    for row in choices:
        mine = [runs[row["config_id"]][seed] for seed in (sorted(seeds) if everything else [row["seed"]])]
        val, test = (statistics.mean(run[key] for run in mine) for key in ("val_loss", "test_loss"))
        result = score.score(task, val, test)
        out.append({
            "task": task, "rival": row["rival"], "seed": row["seed"], "full_runs": round(row["cost"], 3),
            "trained": len(mine), "lr": row["config"]["optimizer"]["lr"], "batch_size": row["config"]["batch_size"],
            "val_loss": finite(val), "test_loss": finite(test), "ratio": finite(result["ratio"]),
            "test_ratio": finite(result["test_ratio"]), "k_equiv": result["k_equiv"], "rank": result["rank"],
            "config": row["config"], "note": row.get("note", ""),
        })  # fmt: skip
    return sorted(out, key=lambda row: (row["rival"], row["seed"]))


def main() -> None:
    """Writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", required=True, type=Path)
    parser.add_argument("--rows", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--note", action="append", default=[])
    given = parser.parse_args()
    sys.path.insert(0, str(given.eval))
    import score

    found = [json.loads(line) for line in given.rows.read_text().splitlines()]
    rows = [row for name in TASKS for row in scored(score, found, name)]
    result = {
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "device": f"{platform.machine()}, one core, CPU",
        "command": "python benchmarks/rivals --eval PATH --rows rows.jsonl",
        "notes": given.note,
        "rows": rows,
        "replayed": [row for name in TASKS for row in replay(score, given.eval / "results", name)],
    }
    given.out.write_text(one_row_a_line(result) + "\n")


def one_row_a_line(result: dict[str, Any]) -> str:
    """JSON whose lists have one item a line, so that differences can be read."""
    parts = []
    for key, value in result.items():
        if isinstance(value, list) and value:
            value = "[\n" + ",\n".join("  " + json.dumps(item, allow_nan=False) for item in value) + "\n ]"
        else:
            value = json.dumps(value, allow_nan=False)
        parts.append(f' "{key}": {value}')
    return "{\n" + ",\n".join(parts) + "\n}"


if __name__ == "__main__":
    main()
