"""Checks the reported largest batch size by training at it, and the noise scale against per-example gradients.

Usage: python benchmarks/batch.py fit [--device cpu|cuda] [--room MIB]
       python benchmarks/batch.py noise [--seeds 5]

``fit``: three models in a process whose memory is limited (RLIMIT_AS on a CPU, ``set_per_process_memory_fraction`` on a
GPU). The size found is trained for a whole epoch, with the longest examples in it, by a bare PyTorch loop in a fresh
process under the same limit; so are the size that was found too large, and twice the size.
``noise``: short runs of three models, with the noise scale that they report over the one from the gradient of every
single training example at the same weights.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.func import functional_call, grad, vmap

ROOM = "ADVISOR_BENCHMARK_ROOM"
DEVICE = "ADVISOR_BENCHMARK_DEVICE"
HEAD = f"""
import os, resource, torch
from pathlib import Path
from torch import nn

def limit():
    room = int(os.environ["{ROOM}"]) * 2**20
    if os.environ["{DEVICE}"] == "cuda":
        torch.cuda.set_per_process_memory_fraction(room / torch.cuda.get_device_properties(0).total_memory)
        return
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + room, used + room))

nn.Linear(2, 2)(torch.randn(2, 2)).sum().backward()  # what torch loads on its first step does not count
limit()
settings = dict(optimizer="AdamW", lr=1e-3, batch_size=32, epochs=50)
loss = nn.CrossEntropyLoss()
g = torch.Generator().manual_seed(0)
"""
MODELS = {
    "wide MLP": """
def model():
    return nn.Sequential(nn.Linear(64, 4096), nn.GELU(), nn.Dropout(0.1), nn.Linear(4096, 256), nn.Tanh(),
        nn.Linear(256, 4096), nn.GELU(), nn.Dropout(0.1), nn.Linear(4096, 10))
train_data = torch.randn(6000, 64, generator=g), torch.randint(0, 10, (6000,), generator=g)
val_data = torch.randn(2000, 64, generator=g), torch.randint(0, 10, (2000,), generator=g)
""",
    "CNN": """
def model():
    return nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
train_data = torch.randn(1500, 3, 24, 24, generator=g), torch.randint(0, 10, (1500,), generator=g)
val_data = torch.randn(500, 3, 24, 24, generator=g), torch.randint(0, 10, (500,), generator=g)
""",
    "LSTM, unequal lengths": """
class Sequences(torch.utils.data.Dataset):
    def __init__(self, count, seed):
        g = torch.Generator().manual_seed(seed)
        lengths = torch.empty(count).exponential_(1 / 8, generator=g).long().clamp(2, 96).tolist()
        self.items = [torch.randint(1, 500, (n,), generator=g) for n in lengths]
        self.labels = torch.randint(0, 5, (count,), generator=g)
    def __len__(self):
        return len(self.items)
    def __getitem__(self, i):
        return self.items[i], self.labels[i]
def together(examples):
    return nn.utils.rnn.pad_sequence([x for x, _ in examples], batch_first=True), torch.stack([y for _, y in examples])
class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.body, self.out = nn.Embedding(500, 64), nn.LSTM(64, 96, batch_first=True), nn.Linear(96, 5)
    def forward(self, tokens):
        return self.out(self.body(self.embed(tokens))[0].mean(1))
train_data = torch.utils.data.DataLoader(Sequences(3000, 1), 32, shuffle=True, collate_fn=together)
val_data = torch.utils.data.DataLoader(Sequences(500, 2), 32, collate_fn=together)
""",
}

DIGITS = """
import torch
from sklearn.datasets import load_digits
from torch import nn

images, labels = load_digits(return_X_y=True)
inputs, labels = torch.tensor(images, dtype=torch.float32).view({shape}) / 16, torch.tensor(labels)
loss = nn.CrossEntropyLoss()
settings = dict(optimizer="SGD", lr={lr}, momentum=0.9, batch_size=32, epochs=30)
train_data, val_data = (inputs[:1500], labels[:1500]), (inputs[1500:], labels[1500:])
"""
SINGLE = {
    "MLP": ("-1, 64", 0.1, "def model(): return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))"),
    "CNN": (
        "-1, 1, 8, 8",
        0.05,
        """def model():
    return nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10))""",
    ),
    "transformer": (
        "-1, 8, 8",
        0.05,
        """class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Linear(8, 32), nn.Parameter(torch.zeros(8, 32))
        self.layer = nn.TransformerEncoderLayer(32, 4, 64, 0.0, batch_first=True, norm_first=True)
        self.out = nn.Linear(32, 10)
    def forward(self, rows):
        return self.out(self.layer(self.embed(rows) + self.place).mean(1))""",
    ),
}
"""Models without batch normalisation, which has no gradient of a single example: shape of an input, rate, code."""
LENGTHS = {"1/16": 1 / 16, "1/4": 1 / 4, "1/1": 1.0}


def epoch(path: str, batch_size: int) -> None:
    """A plain PyTorch loop over one epoch and the validation data."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("given", path)
    assert spec is not None and spec.loader is not None
    given = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(given)
    device = os.environ[DEVICE]

    def loader(data: Any, shuffle: bool) -> Any:
        if isinstance(data, torch.utils.data.DataLoader):
            return torch.utils.data.DataLoader(data.dataset, batch_size, shuffle, collate_fn=data.collate_fn)
        return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*data), batch_size, shuffle)

    model = given.model().to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for inputs, targets in loader(given.train_data, True):
        optimizer.zero_grad()
        given.loss(model(inputs.to(device)), targets.to(device)).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader(given.val_data, False):
            given.loss(model(inputs.to(device)), targets.to(device)).item()


def trains(path: Path, batch_size: int) -> bool:
    """Whether an epoch at this size succeeds in a fresh process under the limit."""
    command = [sys.executable, __file__, "epoch", str(path), str(batch_size)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def fit(device: str, room: int) -> dict[str, Any]:
    """Batch sizes found by the advisor, and whether they train."""
    from advisor.records.task import TaskSource
    from advisor.workers.local import local_pool
    from advisor.workers.messages import ThroughputRequest

    os.environ |= {ROOM: str(room), DEVICE: device}
    found = {}
    for name, text in MODELS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "given.py"
            path.write_text(HEAD + text)
            engine = local_pool(workers=1, threads=1, device=device)
            try:
                task = engine.open(TaskSource(str(path), device=device))
                allowed = task.facts.train_size * task.current.epochs
                answer = engine.ask(ThroughputRequest(allowed)).fit
            finally:
                engine.close()
            largest, too_large = answer.largest, answer.too_large
            found[name] = {
                "room_mib": room,
                **answer,
                "cost_full_runs": round(answer["train_examples"] / allowed, 4),
                "largest trains a whole epoch": trains(path, largest) if largest else None,
                "too large fails": not trains(path, too_large) if too_large else None,
                "twice the largest fails": not trains(path, 2 * largest) if largest else None,
            }
        print(name, found[name], file=sys.stderr)
    return found


def of_single_examples(task: Any, model: nn.Module) -> float:
    """The noise scale from the gradient of every single training example."""
    inputs, targets = task.train.take(range(task.train.size))
    weights = {name: p.detach() for name, p in model.named_parameters()}

    def loss(weights: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(functional_call(model, weights, x[None]), y[None])

    each = vmap(grad(loss), in_dims=(None, 0, 0))
    squares, total, count = 0.0, torch.zeros(()).double(), len(inputs)
    for x, y in zip(inputs.split(250), targets.split(250), strict=True):
        flat = torch.cat([g.flatten(1) for g in each(weights, x, y).values()], 1).double()
        squares, total = squares + float(flat.square().sum()), total + flat.sum(0)
    signal = float((total / count).square().sum())
    return (squares - count * signal) / (count - 1) / signal


def one_run(task: Any, length: float, seed: int) -> dict[str, Any]:
    """Trains for this length; returns both noise scales at its end."""
    from advisor.config.hparams import HParams
    from advisor.records.spec import ProbeSpec
    from advisor.training.trainer import run_probe

    size, current = task.train.size, task.current.config
    hparams = HParams.starting_from(current)
    steps = max(20, round(size * current.epochs * length / current.batch_size))
    truth: list[float] = []

    def look(model: nn.Module, epoch: int, step: int) -> None:
        if step == steps:
            truth.append(of_single_examples(task, model))

    spec = ProbeSpec(
        "cycle", hparams.optimizer_keywords(), hparams.schedule_keywords(), current.batch_size, steps, seed, (steps,),
        size // 8, noise_examples=size,
    )  # fmt: skip
    frozen = run_probe(replace(task, after_step=look), spec)
    moving = run_probe(task, replace(spec, noise_examples=0, grad_noise=True))
    value, low, high = frozen.noise_scale
    return {
        "seed": seed, "reported": round(value, 1), "low": round(low, 1), "high": round(high, 1),
        "single examples": round(truth[0], 1), "ratio": round(value / truth[0], 3),
        "examples used": frozen.train_examples - steps * current.batch_size,
        "ratio of the estimate from the last steps": round(moving.noise_scale[0] / truth[0], 3),
    }  # fmt: skip


def noise(seeds: int) -> dict[str, Any]:
    """Ratios of what probes report to that of single examples, by model and length of the run."""
    from advisor.records.task import TaskSource
    from advisor.task.load import load_task

    found: dict[str, Any] = {}
    for name, (shape, rate, code) in SINGLE.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "given.py"
            path.write_text(DIGITS.format(shape=shape, lr=rate) + code)
            task = load_task(TaskSource(path=str(path), device="cpu"))
        for words, length in LENGTHS.items():
            rows = [one_run(task, length, seed) for seed in range(seeds)]
            ratios = [row["ratio"] for row in rows]
            found[f"{name}, {words} of the run"] = {
                "within a factor of 1.5": f"{sum(2 / 3 <= ratio <= 1.5 for ratio in ratios)} of {seeds}",
                "median ratio": statistics.median(ratios),
                "spread": [min(ratios), max(ratios)],
                "in the interval": sum(row["low"] <= row["single examples"] <= row["high"] for row in rows),
                "runs": rows,
            }
            print(name, words, ratios, file=sys.stderr)
    return found


def main() -> None:
    """Prints one JSON object."""
    if sys.argv[1:2] == ["epoch"]:
        epoch(sys.argv[2], int(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("fit", "noise"))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--room", type=int, default=256)
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    torch.set_num_threads(1)
    result = fit(given.device, given.room) if given.what == "fit" else noise(given.seeds)
    head = {
        "date": date.today().isoformat(),
        "device": f"{platform.machine()}, {given.device}",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "command": "python " + " ".join(["benchmarks/batch.py", *sys.argv[1:]]),
    }
    print(json.dumps(head | {given.what: result}, indent=1))


if __name__ == "__main__":
    main()
