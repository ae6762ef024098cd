"""Cost of running probes in workers: scaling, overhead beside the training itself, memory, Ray.

Usage: python benchmarks/engines.py PART... [--repeats N] [--tasks FILE...], with the parts

scaling   seconds of the same specs on one worker over those on two, alternating in one run (bar: 1.7 on two idle cores)
overhead  seconds of a whole diagnosis beside those that its probes trained and evaluated (bar: 1.15 times, and 8 s)
memory    peak memory of the advisor's own process (bar: 300 MB) and of its worker over a bare training's (bar: 1.2)
ray       two Ray nodes on this machine: the advice with one killed in mid-round, and the time (needs ray)

Prints one JSON object a part. Linux only: peaks are read from /proc.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from advisor.app.diagnose import diagnose
from advisor.app.options import Options
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.search.observer import Observer
from advisor.workers.local import local_pool
from advisor.workers.messages import LoadedTask, PreflightRequest, ProfileRequest, ThroughputRequest
from advisor.workers.pool import Pool

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parent / "examples" / "digits_cnn.py"
MODELS = {
    "mlp": "def model(): return nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))\nshape = (64,)",
    "cnn": """def model():
    return nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.Conv2d(32, 64, 3, stride=2),
        nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
shape = (3, 32, 32)""",
    "transformer": """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(64, 4, 256, 0.0, batch_first=True)
        self.out = nn.Linear(64, 10)
    def forward(self, x):
        return self.out(self.layer(x).mean(1))
model = Net
shape = (32, 64)""",
}
TASK = """import torch
from torch import nn
{model}
settings = dict(optimizer="SGD", lr=0.01, momentum=0.9, batch_size=64, epochs=6)
loss = nn.CrossEntropyLoss()
def train_data():
    g = torch.Generator().manual_seed(0)
    x = torch.randn(6400, *shape, generator=g)
    return x, x.flatten(1)[:, :10].argmax(1)
"""
BARE = """
import resource, runpy, sys, torch
from torch import nn
torch.set_num_threads(1)
task = runpy.run_path(sys.argv[1])
inputs, targets = task["train_data"]()
model, loss_function = task["model"](), task["loss"]
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
for epoch in range(2):
    model.train()
    for start in range(0, 5760 - 63, 64):
        optimizer.zero_grad()
        loss_function(model(inputs[start : start + 64]), targets[start : start + 64]).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        for start in range(5760, 6400, 64):
            loss_function(model(inputs[start : start + 64]), targets[start : start + 64]).item()
print(int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024)
"""
CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
import engines
print(json.dumps(engines.timed(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))))
"""


def peak_mib(pid: int | str = "self") -> float:
    """Peak resident memory of a process in MiB."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


def worker_peaks(pool: Pool) -> list[float]:
    """Peak resident memory of each worker, the child of its keeper, in MiB."""
    peaks = []
    for worker in pool._all:
        keeper = worker._process.pid  # type: ignore[attr-defined]
        children = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
        peaks.append(max(map(peak_mib, children)))
    return peaks


class Stages(Observer):
    """Records when each part of a diagnosis begins."""

    def __init__(self) -> None:
        self.at: list[tuple[str, float]] = [("load", time.perf_counter())]

    def _note(self, name: str) -> None:
        self.at.append((name, time.perf_counter()))

    def loaded(self, task: LoadedTask) -> None:
        """The preflight begins."""
        self._note("look")

    def planned(self, lines: Any, runner: Any, step_seconds: float) -> None:
        """The rounds begin."""
        self._note("rounds")

    def round_ended(self, evidence: Any, runner: Any) -> None:
        """Records the end of a round; the last one is kept."""
        self._note("end")


def timed(path: str, engine: str, out: str, epochs: int = 0) -> dict[str, Any]:
    """Runs a diagnosis in this process; returns the seconds of its parts and its peak memory."""
    began = time.perf_counter()
    stages = Stages()
    options = Options(path=path, engine=engine, out=Path(out), settings={"epochs": epochs} if epochs else {})  # type: ignore[arg-type]
    outcome = diagnose(options, stages)
    ended = time.perf_counter()
    first = dict(reversed(stages.at))
    last = stages.at[-1][1]
    return {
        "load": first["look"] - began,
        "look": first["rounds"] - first["look"],
        "rounds": last - first["rounds"],
        "end": ended - last,
        "probes": outcome.report["cost"]["seconds"],
        "count": outcome.report["cost"]["probes"],
        "arms": [(arm["round"], arm["seconds"]) for arm in outcome.report["arms"]],
        "parent_mib": peak_mib(),
        "report_kib": outcome.folder.page.stat().st_size / 1024,
        "config": outcome.folder.config.read_text().split("# Written by")[0],
    }


def in_child(path: Path, engine: str, epochs: int = 0) -> dict[str, Any]:
    """Runs a diagnosis in a separate process; its start counts."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        command = [sys.executable, "-c", CHILD, str(HERE), str(path), engine, folder, str(epochs)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - began
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    start = seconds - sum(told[part] for part in ("load", "look", "rounds", "end"))
    return {"all": seconds, "start": start, **told}


def scaling(given: argparse.Namespace) -> dict[str, Any]:
    """Runs the same eight probes on one worker and on two."""
    pools = {count: local_pool(count, threads=1, device="cpu") for count in (1, 2)}
    try:
        task = pools[1].open(TaskSource(str(EXAMPLE), device="cpu"))
        pools[2].open(TaskSource(str(EXAMPLE), device="cpu"))
        specs = [cycle(task.facts.fingerprint, seed, steps=150) for seed in range(8)]
        for pool in pools.values():
            pool.run(specs)  # Every worker has loaded the task after that.
        ratios, equal = [], True
        for _ in range(given.repeats):
            seconds, traces = {}, {}
            for count, pool in pools.items():
                began = time.perf_counter()
                traces[count] = [trace.train_loss for trace in pool.run(specs)]
                seconds[count] = time.perf_counter() - began
            ratios.append(seconds[1] / seconds[2])
            equal = equal and traces[1] == traces[2]
    finally:
        for pool in pools.values():
            pool.close()
    return {**spread(ratios), "one_worker_seconds": round(seconds[1], 2), "equal": equal}


def overhead(given: argparse.Namespace) -> dict[str, Any]:
    """Whole diagnoses with one worker and by default: seconds beyond those of the probes."""
    found: dict[str, Any] = {}
    for path in given.tasks or [EXAMPLE]:
        for engine in ("serial", "process"):
            runs = [in_child(path.resolve(), engine) for _ in range(given.repeats)]
            middle = sorted(runs, key=lambda run: run["all"])[len(runs) // 2]
            beyond = middle["all"] - 1.15 * middle["probes"]
            numbers = {name: round(value, 2) for name, value in middle.items() if name not in ("config", "arms")}
            found[f"{path.stem}, {engine}"] = {**numbers, "beyond_1.15": round(beyond, 2)}
    return found


def memory(given: argparse.Namespace) -> dict[str, Any]:
    """Peak memory of a worker and of a plain training, in MiB."""
    found = {}
    for name, text in MODELS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}_task.py"
            path.write_text(TASK.format(model=text))
            command = [sys.executable, "-c", BARE, str(path)]
            bare = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            pool = local_pool(1, threads=1, device="cpu")
            try:
                task = pool.open(TaskSource(str(path), device="cpu"))
                loaded = max(worker_peaks(pool))
                pool.run([cycle(task.facts.fingerprint, seed, steps=180) for seed in range(4)])
                probes = max(worker_peaks(pool))
                pool.ask(PreflightRequest(3000))
                pool.ask(ThroughputRequest(3000))
                pool.ask(ProfileRequest())
                look = max(worker_peaks(pool))
            finally:
                pool.close()
        found[name] = {
            "bare_mib": round(bare), "loaded_mib": round(loaded), "probes_mib": round(probes),
            "first_look_mib": round(look), "probes": round(probes / bare, 3), "first_look": round(look / bare, 3),
        }  # fmt: skip
    return found


def ray(given: argparse.Namespace) -> dict[str, Any]:
    """Diagnoses on local workers, on two Ray nodes, and on two Ray nodes of which one is killed during a round."""
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    runs = {"process": on_processes, "ray": on_ray, "ray, one node killed": lambda: on_ray(kill=True)}
    found: dict[str, Any] = {}
    configs = {}
    for name, run in runs.items():
        began = time.perf_counter()
        outcome = run()
        configs[name] = outcome["config"]
        found[name] = {"seconds": round(time.perf_counter() - began, 1), "workers_lost": outcome["workers_lost"]}
    return {**found, "same_config": len(set(configs.values())) == 1}


def on_processes(engine: str = "process", address: str | None = None, stages: Stages | None = None) -> dict[str, Any]:
    """One diagnosis with two workers."""
    with tempfile.TemporaryDirectory() as folder:
        options = Options(str(EXAMPLE), out=Path(folder), device="cpu", workers=2, engine=engine, address=address)  # type: ignore[arg-type]
        outcome = diagnose(options, stages or Stages())
        config = outcome.folder.config.read_text().split("# Written by")[0]
        return {"config": config, "workers_lost": outcome.report["provenance"]["workers_lost"]}


def on_ray(kill: bool = False) -> dict[str, Any]:
    """One diagnosis on two Ray nodes of one core each; the start of the cluster counts."""
    from ray.cluster_utils import Cluster

    node = {"include_dashboard": False, "object_store_memory": 80 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, **node})
    try:
        second = cluster.add_node(num_cpus=1, **node)
        stages = Stages()
        if kill:
            stages.round_started = once(lambda: cluster.remove_node(second, allow_graceful=False))  # type: ignore[method-assign]
        return on_processes("ray", cluster.address, stages)
    finally:
        cluster.shutdown()


def once(act: Callable[[], None]) -> Callable[..., None]:
    """Returns a callback that runs ``act`` half a second after its first call, while the probes of the round run."""
    timer = threading.Timer(0.5, act)
    return lambda *_: None if timer.is_alive() or timer.finished.is_set() else timer.start()


def cycle(fingerprint: str, seed: int, steps: int) -> ProbeSpec:
    """A whole 1cycle schedule."""
    return ProbeSpec(
        "cycle", {"name": "SGD", "lr": 0.01, "momentum": 0.9}, {"name": "OneCycleLR", "max_lr": 0.01}, 64, steps, seed,
        (steps,), 300, task=fingerprint,
    )  # fmt: skip


def spread(ratios: list[float]) -> dict[str, Any]:
    """Median and range."""
    return {"ratio": round(statistics.median(ratios), 3), "spread": [round(min(ratios), 3), round(max(ratios), 3)]}


def main() -> None:
    """Runs the given parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = {"scaling": scaling, "overhead": overhead, "memory": memory, "ray": ray}
    parser.add_argument("parts", nargs="+", choices=list(parts))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tasks", type=Path, nargs="*")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    for part in given.parts:
        print(json.dumps({"part": part, "load_before": round(load, 1), **parts[part](given)}), flush=True)


if __name__ == "__main__":
    main()
