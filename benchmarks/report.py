"""Size and render time of a report of 100 probes: at most 1 MB and 3 seconds.

``python benchmarks/report.py`` prints both and exits with 1 if either is missed.
"""

import argparse
import math
import random
import statistics
import sys
import time

from advisor.report.html import render
from advisor.schema.files import report_from

PROBES, BYTES, SECONDS = 100, 1_000_000, 3.0
KNOBS = {"lr": "log", "batch_size": "log", "weight_decay": "log", "momentum": "linear"}


def large(probes: int = PROBES) -> dict:
    """A report with ``probes`` probes of 300 recorded steps, 12 responses and 40 findings."""
    rng = random.Random(0)
    steps = list(range(1, 301))
    loss = [2.3 * math.exp(-step / 90) + 0.1 + abs(rng.gauss(0, 0.04)) for step in steps]
    rate = [1e-4 * 1.035**step for step in steps]
    arm = {"round": "ladder", "kind": "cycle", "momentum": 0.9, "weight_decay": 1e-4, "batch_size": 64, "steps": 300,
           "length": 0.0625, "seed": 0, "status": "finished", "reason": "", "val_loss": 0.1234, "metric": 0.97,
           "train_loss": 0.1, "seconds": 4.2}  # fmt: skip
    curve = {"length": 0.5, "step": steps, "train_loss": loss, "lr": rate, "momentum": [0.9] * 300,
             "eval_step": steps[::10], "val_loss": loss[::10]}  # fmt: skip
    sweep = {"lr": rate, "train_loss": loss, "smoothed": loss, "val_lr": rate[::10], "val_loss": loss[::10],
             "ceiling": 1.5, "best_lr": 0.4, "diverged": True}  # fmt: skip
    responses = [
        {"id": f"{knob}-{i}", "knob": knob, "scale": scale, "length": 0.0625, "context": "same seed", "noise": 0.01,
         "points": [{"value": 0.8 ** (9 - x) if scale == "linear" else 2.0 ** (x - 4), "loss": 0.1 + (x - 4) ** 2 / 50,
                     "losses": [0.1 + (x - 4) ** 2 / 50] * 3, "diverged": False} for x in range(9)],
         "curve": {"x": [2.0 ** (x / 8 - 4) for x in range(64)], "y": [0.1] * 64},
         "best": {"value": 1.0, "low": 0.5, "high": 2.0}, "verdict": "resolved", "reason": ""}
        for i in range(3) for knob, scale in KNOBS.items()
    ]  # fmt: skip
    config = {"optimizer": {"name": "SGD", "lr": 0.4, "momentum": 0.9}, "schedule": {"name": "OneCycleLR"},
              "batch_size": 64, "epochs": 30, "clip_grad_norm": None}  # fmt: skip
    finding = {"family": "lr", "title": "The learning rate in use is too small", "verdict": "detected",
               "confidence": "medium", "severity": "advice", "advice": "Raise it.", "doubt": "longer probes",
               "evidence": {"text": "0.4 is best", "values": {"best": 0.4}, "figures": ["response-lr-0"]},
               "sources": [{"id": "s", "text": "a source", "url": "https://example.org"}] * 3}  # fmt: skip
    return {
        "schema": 2, "status": "advice", "verdict": "Train with a learning rate of 0.4.", "name": "large", "run": "100",
        "recommended": config, "current": config, "current_given": True,
        "objective": {"name": "val_loss", "higher_is_better": False},
        "changes": [], "prediction": None, "knobs": [], "profile": {}, "provenance": {},
        "cost": {"full_runs": 3.1, "budget": 4.0, "probes": probes, "seconds": 420.0},
        "findings": [{**finding, "code": f"LR{i:03}"} for i in range(40)],
        "rounds": [{"name": "ladder", "goal": "which rate wins?", "outcome": "0.4", "arms": ["x"] * 5}] * (probes // 5),
        "arms": [{**arm, "key": f"{i:016x}", "label": f"lr={0.01 * i:.2f}", "lr": 0.01 * i} for i in range(probes)],
        "series": {"range_tests": [{**sweep, "id": str(i), "seed": i} for i in range(3)], "responses": responses,
                   "curves": [{**curve, "id": str(i), "label": f"length: lr={i}"} for i in range(3)],
                   "comparison": {"length": 0.0625, "noise": 0.01,
                                  "present": {**curve, "id": "p", "label": "present", "value": 1.2},
                                  "advised": {**curve, "id": "a", "label": "lr=0.4", "value": 0.1}},
                   "forecast": {"length": [0.06, 0.25], "loss": [0.2, 0.1], "predicted": 0.05, "low": 0.02,
                                "high": 0.1}},
    }  # fmt: skip


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="renderings after the first")
    repeats = parser.parse_args().repeats
    data = large()
    report = report_from(data)
    seconds = []
    for _ in range(1 + repeats):
        before = time.perf_counter()
        page = render(report)
        seconds.append(time.perf_counter() - before)
    size, later = len(page.encode()), statistics.median(seconds[1:] or seconds)
    print(f"{PROBES} probes, {len(report.series.responses)} responses, {len(report.findings)} findings")
    print(f"size   {size / 1e6:.3f} MB (at most {BYTES / 1e6:g})")
    print(f"render {seconds[0]:.2f} s the first time, {later:.2f} s then (at most {SECONDS:g})")
    return int(size > BYTES or seconds[0] > SECONDS)


if __name__ == "__main__":
    sys.exit(main())
