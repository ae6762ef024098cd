"""Time to the first probe of `advisor diagnose train.py`, compared with the first step of the script itself.

usage: python -m benchmarks.first_probe SCRIPT... [--repeats 3] [--out FILE]

Prints for each script the seconds that it needs alone until its optimizer steps first, those of the diagnosis until its
task is loaded and until its first probe begins, and what is left of the latter without the former. Each is the median
of the repeats, the two run by turns on the same machine; below stands the longest silence on the screen.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_OWN = """
import runpy, sys, time
import torch
from torch.optim.optimizer import register_optimizer_step_pre_hook
register_optimizer_step_pre_hook(lambda *_: sys.exit(77))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def own_start(script: Path) -> float:
    """Seconds until the first optimizer step of the script."""
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", _OWN, str(script)], cwd=script.parent, capture_output=True, text=True)
    assert done.returncode == 77, done.stderr[-500:]
    return time.monotonic() - began


def diagnosed(script: Path) -> dict[str, float]:
    """Seconds of a diagnosis until its task is printed and until its first probe, and the longest silence."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "advisor", "diagnose", str(script), "--plain", "--out", out]
        began = last = time.monotonic()
        found = {"loaded": 0.0, "first_probe": 0.0, "silence": 0.0}
        with subprocess.Popen(
            command, cwd=script.parent, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=os.environ
        ) as run:
            assert run.stderr
            for line in run.stderr:
                now = time.monotonic()
                found["silence"], last = max(found["silence"], now - last), now
                if "first loss" in line or "training and" in line:
                    found["loaded"] = found["loaded"] or now - began
                if line.startswith("[") and " of " in line:
                    found["first_probe"] = now - began
                    break
            run.terminate()
        assert found["first_probe"], script
        return found


def main() -> None:
    """Runs both alternately and prints the medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scripts", nargs="+", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    for script in given.scripts:
        alone, runs = [], []
        for _ in range(given.repeats):
            alone.append(own_start(script.resolve()))
            runs.append(diagnosed(script.resolve()))
        row = {"script": script.name, "alone": statistics.median(alone)}
        row |= {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        row["beyond"] = row["first_probe"] - row["alone"]
        row["load_average"] = os.getloadavg()[0]
        print(json.dumps({k: round(v, 1) if isinstance(v, float) else v for k, v in row.items()}), flush=True)
        if given.out:
            with given.out.open("a") as file:
                file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
