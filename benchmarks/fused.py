"""Speed of arms trained together relative to the same arms trained one by one, within one run.

Usage: python benchmarks/fused.py [--device cpu] [--arms 4,16,64] [--batch 64] [--repeats 3] [--out results.json]

On a CPU, with one thread, seconds are those that the process was given. Both begin with nothing known, as in the first
round of a diagnosis: the trial that decides is part of the time. What PyTorch loads when a process first uses ``vmap``
(about 0.3 s) is not.
"""

import argparse
import itertools
import json
import math
import os
import statistics
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import torch
from clock import now
from loop import TAIL, TASKS

from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.records.trace import Trace
from advisor.task.load import load_task
from advisor.task.task import Task
from advisor.training.fused.together import Together
from advisor.training.fused.trial import Verdict, begin
from advisor.training.trainer import run_probe

STEPS = 200


def arms(count: int, batch_size: int) -> list[ProbeSpec]:
    """Rates from 0.003 to 0.1, as in a wide ladder."""
    rates = [0.003 * (0.1 / 0.003) ** (i / (count - 1)) for i in range(count)]
    return [
        ProbeSpec(
            "cycle", {"name": "SGD", "lr": rate, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-4},
            {"name": "OneCycleLR", "max_lr": rate}, batch_size, STEPS, 0, (STEPS,), 640, grad_noise=True,
        )
        for rate in rates
    ]  # fmt: skip


def alone(task: Task, specs: list[ProbeSpec]) -> tuple[float, list[Trace]]:
    """Seconds and traces of the arms trained one after another."""
    started = now(task.device)
    traces = [run_probe(task, spec) for spec in specs]
    return now(task.device) - started, traces


def warm_up(task: Task, specs: list[ProbeSpec]) -> None:
    """Runs everything once."""
    alone(task, specs)
    changing = tuple(name for name, _ in task.fresh_model(0).named_buffers())
    begin(task, specs, Verdict("stacked", "", changing=changing)).step(1)


def together(task: Task, specs: list[ProbeSpec]) -> tuple[float, list[Trace], str]:
    """Seconds and traces of the arms trained as one group, and how they were trained."""
    found: dict[str, Trace] = {}
    runner = Together(task)
    started = now(task.device)
    runner.run(specs, lambda spec, trace: found.__setitem__(spec.key, trace))
    seconds = now(task.device) - started
    return seconds, [found[spec.key] for spec in specs], f"{runner.verdict.way} ({runner.verdict.why})"


def distance(first: list[Trace], second: list[Trace]) -> float:
    """Largest relative difference of the arms' validation losses."""
    pairs = [(a.final_val_loss, b.final_val_loss) for a, b in zip(first, second, strict=True)]
    return max(abs(a - b) / abs(a) if math.isfinite(a) else float(math.isfinite(b)) for a, b in pairs)


def measure(name: str, count: int, batch_size: int, device: str, repeats: int) -> dict[str, Any]:
    """One row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.py"
        path.write_text("import torch\nfrom torch import nn\n" + TASKS[name] + TAIL)
        task = load_task(TaskSource(path=str(path), device=device))
        specs = arms(count, batch_size)
        warm_up(task, specs[:2])
        ratios, way, apart = [], "", 0.0
        for _ in range(repeats):
            slow, plain = alone(task, specs)
            fast, traces, way = together(task, specs)
            ratios.append(slow / fast)
            apart = max(apart, distance(plain, traces))
        return {
            "model": name, "batch_size": batch_size, "arms": count, "ratio": round(statistics.median(ratios), 2),
            "spread": [round(min(ratios), 2), round(max(ratios), 2)], "way": way, "difference": float(f"{apart:.2g}"),
        }  # fmt: skip


def main() -> None:
    """Prints one JSON line per measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--arms", default="4,16,64")
    parser.add_argument("--batch", default="64")
    parser.add_argument("--models", default=",".join(TASKS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for name in options.models.split(","):
        for count, batch_size in itertools.product(
            map(int, options.arms.split(",")), map(int, options.batch.split(","))
        ):
            rows.append(measure(name, count, batch_size, options.device, options.repeats))
            print(json.dumps(rows[-1]), flush=True)
    if options.out:
        device = torch.cuda.get_device_name() if options.device == "cuda" else f"{os.cpu_count()} CPU cores, 1 thread"
        told = {"date": str(date.today()), "torch": torch.__version__, "device": device, "steps": STEPS, "rows": rows}
        options.out.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
