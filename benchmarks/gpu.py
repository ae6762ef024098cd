"""All benchmarks that depend on a GPU, in one call of at most ten minutes; prints one JSON object.

Usage: python benchmarks/gpu.py [--device cuda] [--seconds 570] [--out benchmarks/results/DATE-gpu.json] [--quick]

The parts are the other benchmarks on that device, each in a process of its own and with a share of the time: the loop
beside a bare one, arms together beside one by one, batch sizes under a cap of memory, the noise scale beside the one of
single examples; then the same probes on CPU and device, and whole diagnoses with each engine. A part that fails or runs
out of time is recorded as such; the others continue. ``--device cpu --quick`` tries the script itself.
"""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
SAME = 0.02
"""Relative difference of final losses between devices attributable to rounding in a run this short."""


def script(limit: float, *command: str) -> dict[str, Any]:
    """Runs a benchmark; returns its JSON lines, or the error."""
    started = time.monotonic()
    try:
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=limit, cwd=ROOT)
        output, error = done.stdout, done.stderr[-600:] if done.returncode else ""
    except subprocess.TimeoutExpired as late:
        output, error = (late.stdout or b"").decode(), f"not done after {limit:.0f} s"
    rows = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return {"seconds": round(time.monotonic() - started, 1), "rows": rows, **({"error": error} if error else {})}


def agreement(device: str) -> None:
    """Prints one line per model: final losses of the same probes on the CPU and on the device."""
    import torch
    from fused import arms
    from loop import TAIL, TASKS

    from advisor.records.task import TaskSource
    from advisor.task.load import load_task
    from advisor.training.trainer import run_probe

    torch.set_num_threads(1)
    for name, text in TASKS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.py"
            path.write_text(f"import torch\nfrom torch import nn\n{text}\n{TAIL}")
            specs = arms(3, 64)
            ends = [
                [run_probe(load_task(TaskSource(path=str(path), device=where)), spec).final_val_loss for spec in specs]
                for where in ("cpu", device)
            ]
        apart = max(abs(a - b) / abs(a) for a, b in zip(*ends, strict=True))
        alike = bool(math.isfinite(apart) and apart < SAME)
        print(json.dumps({"model": name, "cpu": ends[0], device: ends[1], "difference": apart, "alike": alike}))


def diagnoses(device: str, limit: float) -> list[dict[str, Any]]:
    """Whole diagnoses of the bundled example: time, cost and advice with each engine."""
    rows = []
    for engine in ("serial", "fused", "process"):
        with tempfile.TemporaryDirectory() as folder:
            command = ["-m", "advisor", "diagnose", str(ROOT / "examples" / "digits_cnn.py"), "--engine", engine]
            done = script(limit / 3, *command, "--device", device, "--out", folder)
            found = sorted(Path(folder).glob("*/*/report.json"))
            row: dict[str, Any] = {"engine": engine, "seconds": done["seconds"], "error": done.get("error", "")}
            if found:
                report = json.loads(found[0].read_text())
                row |= {"cost": report["cost"], "recommended": report["recommended"], "status": report["status"]}
            rows.append(row)
    return rows


def main() -> None:
    """Runs the parts one after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=570.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--quick", action="store_true", help="fewer arms and repeats")
    parser.add_argument("--agreement", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.agreement:
        return agreement(options.device)
    import torch

    if options.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("expected a CUDA device; found none; try --device cpu --quick to test the script")
    out = options.out or HERE / "results" / f"{date.today()}-gpu.json"
    device = ["--device", options.device]
    repeats = "1" if options.quick else "5"
    parts = {
        "agreement": (0.1, ["benchmarks/gpu.py", "--agreement", *device]),
        "loop": (0.1, ["benchmarks/loop.py", "--repeats", repeats, *device]),
        "fused": (
            0.35,
            ["benchmarks/fused.py", "--arms", "4" if options.quick else "4,16,64", "--repeats", repeats[0], *device],
        ),
        "fit": (0.15, ["benchmarks/batch.py", "fit", *device]),
        "noise": (0.1, ["benchmarks/batch.py", "noise", "--seeds", "1" if options.quick else "3", *device]),
    }
    name = torch.cuda.get_device_name() if options.device == "cuda" else platform.processor() or "CPU"
    told: dict[str, Any] = {
        "date": str(date.today()), "device": name, "cores": os.cpu_count(), "torch": torch.__version__,
        "cuda": torch.version.cuda, "parts": {},
    }  # fmt: skip
    for part, (share, command) in parts.items():
        told["parts"][part] = script(share * options.seconds, *command)
        print(part, json.dumps(told["parts"][part]), flush=True)
        out.write_text(json.dumps(told, indent=1) + "\n")
    told["parts"]["diagnose"] = {"rows": diagnoses(options.device, 0.2 * options.seconds)}
    out.write_text(json.dumps(told, indent=1) + "\n")
    print(f"written to {out}")
    return None


if __name__ == "__main__":
    main()
