"""Memory and file descriptors of the advisor and its workers over many probes in one run.

Usage: python benchmarks/soak.py [--probes 500] [--out FILE]
"""

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from advisor.config.hparams import HParams
from advisor.records.task import TaskSource
from advisor.search.observer import Observer
from advisor.search.runner import ProbeRunner
from advisor.search.store import ProbeStore
from advisor.workers.local import local_pool

TASK = """
import torch
from sklearn.datasets import load_digits
from torch import nn

x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x, dtype=torch.float32) / 16, torch.tensor(y)
train_data, val_data = (x[:1400], y[:1400]), (x[1400:], y[1400:])
settings = {"optimizer": "SGD", "lr": 0.1, "momentum": 0.9, "batch_size": 32, "epochs": 30}


def model():
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
"""
ROUND = 10
WARM_UP = 100
MIB = 2**20


def descendants(pid: int) -> list[int]:
    """All descendant processes."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *descendants(child)]
    return found


def resident(pid: int) -> float:
    """Resident memory in MiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB


def descriptors(pid: int) -> int:
    """Open file descriptors."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def sample(done: int) -> dict[str, Any]:
    """Current memory and descriptors."""
    below = descendants(os.getpid())
    return {
        "probes": done,
        "advisor_mib": round(resident(os.getpid()), 2),
        "workers_mib": round(sum(map(resident, below)), 2),
        "advisor_descriptors": descriptors(os.getpid()),
        "workers_descriptors": sum(map(descriptors, below)),
        "processes": len(below),
    }


def slope(samples: list[dict[str, Any]], name: str) -> float:
    """Least-squares slope after the warm-up, per 100 probes."""
    late = [item for item in samples if item["probes"] >= WARM_UP]
    return round(100 * float(np.polyfit([i["probes"] for i in late], [i[name] for i in late], 1)[0]), 4)


def main() -> None:
    """Prints the result and writes it to ``--out``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--probes", type=int, default=500)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    samples: list[dict[str, Any]] = []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "digits.py").write_text(TASK)
        engine = local_pool(device="cpu")
        store = ProbeStore(folder / "run" / "ledger")
        try:
            task = engine.open(TaskSource(str(folder / "digits.py"), device="cpu"))
            facts = task.facts
            runner = ProbeRunner(
                engine, store, Observer(), facts.train_size, facts.val_size, 30, facts.fingerprint, 0, 1e9
            )
            hparams = HParams(optimizer="SGD", lr=0.1, momentum=0.9, weight_decay=0.0, batch_size=32)
            for start in range(0, given.probes, ROUND):
                specs = [runner.cycle(hparams, 1 / 16, seed=start + i, looks=(0.5, 1.0)) for i in range(ROUND)]
                arms = runner.run("soak", specs)
                assert all(arm.trace.status == "finished" for arm in arms)
                samples.append(sample(start + ROUND))
            written = len((folder / "run" / "ledger" / "probes.jsonl").read_text().splitlines())
        finally:
            engine.close()
            store.close()
    import torch

    names = ("advisor_mib", "workers_mib", "advisor_descriptors", "workers_descriptors")
    result = {
        "date": time.strftime("%Y-%m-%d"),
        "device": f"{platform.machine()}, {os.cpu_count()} cores, CPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "command": f"python benchmarks/soak.py --probes {given.probes}",
        "probes": written,
        "workers_lost": engine.lost,
        "seconds": round(time.perf_counter() - began),
        f"slope_per_100_probes_after_{WARM_UP}": {name: slope(samples, name) for name in names},
        "samples": samples[:: max(1, len(samples) // 10)] + samples[-1:],
    }
    text = json.dumps(result, indent=1) + "\n"
    print(text)
    if given.out:
        given.out.write_text(text)


if __name__ == "__main__":
    main()
