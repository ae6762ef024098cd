"""Seconds of the probe loop over those of a bare PyTorch loop on the same model and batches, as a ratio within one run.

Usage: python benchmarks/loop.py [--repeats 9] [--device cpu]

The two loops alternate, so that whatever else the machine does hits both; the bare loop reads its loss each step, as a
loop that prints or checks it would not be slower than that. Seconds are those that the process was given, with one
thread.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import torch
from clock import now
from torch import nn

from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.task.load import load_task
from advisor.task.task import Task
from advisor.training.trainer import Training

TASKS = {
    "mlp": "def model(): return nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))\nshape = (64,)",
    "cnn": """def model():
    return nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2),
        nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
shape = (1, 16, 16)""",
    "transformer": """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(32, 4, 64, 0.0, batch_first=True)
        self.out = nn.Linear(32, 10)
    def forward(self, x):
        return self.out(self.layer(x).mean(1))
model = Net
shape = (16, 32)""",
}
TAIL = """
settings = dict(optimizer="SGD", lr=0.05, momentum=0.9, batch_size=64, epochs=1)
loss = nn.CrossEntropyLoss()
def train_data():
    g = torch.Generator().manual_seed(0)
    return torch.randn(6400, *shape, generator=g), torch.randint(0, 10, (6400,), generator=g)
"""
STEPS = 300


def bare(task: Task) -> float:
    """A plain training loop, as in a tutorial; returns seconds."""
    model = task.fresh_model(0)
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.05, total_steps=STEPS)
    loss_function = nn.CrossEntropyLoss()
    inputs, targets = task.train.take(range(task.train.size))
    size, step = len(inputs), 0
    started = now(task.device)
    while step < STEPS:
        order = torch.randperm(size)
        for start in range(0, size - 63, 64):
            index = order[start : start + 64]
            optimizer.zero_grad()
            loss = loss_function(model(inputs[index]), targets[index])
            loss.backward()
            optimizer.step()
            loss.item()
            step += 1
            if step >= STEPS:
                break
            scheduler.step()
    return now(task.device) - started


def probe(task: Task) -> float:
    """The same steps in the probe loop with all its records, without evaluation; returns seconds."""
    spec = ProbeSpec(
        "cycle", {"name": "SGD", "lr": 0.05, "momentum": 0.9, "nesterov": True},
        {"name": "OneCycleLR", "max_lr": 0.05}, 64, STEPS, 0, (), 1, grad_noise=True,
    )  # fmt: skip
    training = Training(task, spec)
    started = now(task.device)
    training.run()
    return now(task.device) - started


def main() -> None:
    """Prints one JSON line per model: median ratio and its spread."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    repeats = options.repeats
    torch.set_num_threads(1)
    for name, text in TASKS.items():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{name}_task.py"
            file.write_text(f"import torch\nfrom torch import nn\n{text}\n{TAIL}")
            task = load_task(TaskSource(path=str(file), device=options.device))
            bare(task), probe(task)
            ratios = []
            for _ in range(repeats):
                before, measured, after = bare(task), probe(task), bare(task)
                ratios.append(2 * measured / (before + after))
        spread = [round(min(ratios), 3), round(max(ratios), 3)]
        print(
            json.dumps(
                {"model": name, "ratio": round(statistics.median(ratios), 3), "spread": spread, "repeats": repeats}
            )
        )


if __name__ == "__main__":
    main()
