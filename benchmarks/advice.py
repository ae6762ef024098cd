"""Quality of the advice: diagnoses tasks with known answers and trains the advice with an independent trainer.

The evaluation folder holds `tasks/<name>.py` (files in the contract's form), `reference.py`
(`train(name, config, seed)`) and `score.py` (`score(name, val_loss, test_loss)` against a table of trials). Usage:

    python benchmarks/advice.py --eval PATH [--tasks a,b] [--seeds 0,1,2] [--budget 1.0] [--out results.json]
        [--keep FOLDER]

For each task and seed: cost in full runs, `k_equiv` (the number of full-length random trials needed to expect
this test loss), `test_ratio`, whether the final validation loss lay inside the predicted 80 % interval.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from advisor.config.config import load_config

DEVELOPMENT = ("housing_mlp", "fashion_cnn", "imdb_text", "mnist_mlp", "mnist1d_gru", "sst2_text")
"""Development tasks, used while rounds and constants were chosen."""
SET_ASIDE = ("adult_mlp", "ett_forecast", "shakespeare_gpt")
"""Held-out tasks."""
TASKS = (*DEVELOPMENT, *SET_ASIDE)


def advise(task_file: Path, seed: int, budget: float, out: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Runs the command as a user would; returns report and configuration."""
    run = f"seed{seed}"
    command = [sys.executable, "-m", "advisor", "diagnose", str(task_file), "--seed", str(seed), "--quiet"]
    command += ["--budget", str(budget), "--out", str(out), "--run", run, "--workers", "1"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    folder = out / task_file.stem / run
    report = json.loads((folder / "report.json").read_text())
    return report, load_config(folder / "config.yaml").as_dict()


def train(folder: str, name: str, config: dict[str, Any], seed: int) -> tuple[float, float]:
    """Validation and test loss of the advised configuration with the independent trainer."""
    sys.path.insert(0, folder)
    import reference
    import torch

    torch.set_num_threads(1)
    result = reference.train(name, config, seed=seed)
    return result["val_loss"], result["test_loss"]


def main() -> None:
    """Prints one line per diagnosis and a table of medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", required=True, type=Path)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--train-seeds", default="0,1,2")
    parser.add_argument("--budget", type=float, default=1.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--keep", type=Path, help="folder for the reports of the diagnoses")
    given = parser.parse_args()
    sys.path.insert(0, str(given.eval))
    import score

    rows = []
    seeds = [int(seed) for seed in given.train_seeds.split(",")]
    with tempfile.TemporaryDirectory() as scratch, ProcessPoolExecutor(1) as pool:
        for name in given.tasks.split(","):
            for seed in map(int, given.seeds.split(",")):
                started = time.perf_counter()
                task = given.eval / "tasks" / f"{name}.py"
                report, config = advise(task, seed, given.budget, given.keep or Path(scratch))
                seconds = time.perf_counter() - started
                jobs = [pool.submit(train, str(given.eval), name, config, s) for s in seeds]
                losses = [job.result() for job in jobs]
                val = statistics.mean(loss[0] for loss in losses)
                test = statistics.mean(loss[1] for loss in losses)
                predicted = report["prediction"]
                row = {
                    "task": name,
                    "seed": seed,
                    "full_runs": round(report["cost"]["full_runs"], 3),
                    "diagnose_seconds": round(seconds, 1),
                    "lr": config["optimizer"]["lr"],
                    "batch_size": config["batch_size"],
                    "epochs": config["epochs"],
                    "val_loss": round(val, 4),
                    "predicted": predicted and [round(predicted[key], 4) for key in ("loss", "low", "high")],
                    "inside": predicted and predicted["low"] <= val <= predicted["high"],
                    **score.score(name, val, test),
                }
                rows.append(row)
                print(json.dumps(row), flush=True)
    for name in dict.fromkeys(row["task"] for row in rows):
        mine = [row for row in rows if row["task"] == name]
        known = [row["k_equiv"] for row in mine]
        ratio = statistics.median(row["test_ratio"] for row in mine)
        print(
            f"{name:<18} k_equiv {known} mean {statistics.mean(known):.1f}  test_ratio {ratio:.3f}"
            f"  cost {max(r['full_runs'] for r in mine):.3f}  inside {sum(bool(r['inside']) for r in mine)}/{len(mine)}"
        )
    if given.out:
        meta = {"date": time.strftime("%Y-%m-%d"), "python": platform.python_version(), "device": platform.machine()}
        given.out.write_text(json.dumps({**meta, "budget": given.budget, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
