"""Random search at full length, and the settings as given: ``table.py TRIALS [TASK ...]``. Goes on where it stopped."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from reference import load, train

TABLES = Path(__file__).parent / "tables"
SEEDS = (0, 1, 2)


def given(settings: dict[str, Any]) -> dict[str, Any]:
    """The task's own settings, at a constant rate."""
    optimizer = {key: settings[key] for key in ("lr", "momentum", "weight_decay") if key in settings}
    rest = {key: settings.get(key) for key in ("batch_size", "epochs", "clip_grad_norm")}
    return {"optimizer": {"name": settings["optimizer"], **optimizer}, "schedule": None, **rest}


def drawn(settings: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Rate, decay, momentum, batch size and momentum's cycle at random, under 1cycle."""
    sgd = settings["optimizer"] == "SGD"
    rate = float(10 ** (rng.uniform(-3, 1) if sgd else rng.uniform(-4.5, -0.5)))
    decay = float(rng.choice([0.0, 10 ** (rng.uniform(-6, -2) if sgd else rng.uniform(-4, 0))]))
    high, cycle = float(rng.choice([0.8, 0.85, 0.9, 0.95, 0.97])), bool(rng.integers(2))
    optimizer: dict[str, Any] = {"name": settings["optimizer"], "lr": rate, "weight_decay": decay}
    optimizer |= {"momentum": high, "nesterov": True} if sgd else {"betas": (high, 0.999)}
    schedule: dict[str, Any] = {"name": "OneCycleLR", "max_lr": rate, "pct_start": 0.3, "div_factor": 10}
    schedule |= {"final_div_factor": 1000, "cycle_momentum": cycle}
    if cycle:
        schedule |= {"max_momentum": high, "base_momentum": max(0.5, high - 0.1)}
    size = int(settings["batch_size"] * rng.choice([0.5, 1, 2]))
    return {"optimizer": optimizer, "schedule": schedule, "batch_size": size, "epochs": settings["epochs"]}


def main() -> None:
    """Appends the rows that are missing to ``tables/TASK.jsonl``."""
    torch.set_num_threads(1)
    TABLES.mkdir(exist_ok=True)
    tasks = sys.argv[2:] or sorted(path.stem for path in (TABLES.parent / "tasks").glob("[a-z]*.py"))
    for name in tasks:
        settings, path = load(name)[0].settings, TABLES / f"{name}.jsonl"
        rng = np.random.default_rng(sum(map(ord, name)))
        rows = [("given", seed, given(settings)) for seed in SEEDS]
        rows += [("trial", trial % 3, drawn(settings, rng)) for trial in range(int(sys.argv[1]))]
        done = len(path.read_text().splitlines()) if path.exists() else 0
        for kind, seed, config in rows[done:]:
            row = {"kind": kind, "seed": seed, "config": config, **train(name, config, seed)}
            with path.open("a") as file:
                file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
