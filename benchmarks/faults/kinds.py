"""The kinds of faults, and the task under diagnosis, which injects those inside a worker process."""

import random
import signal

TASK = """
import os, pathlib, resource, time

import torch
from sklearn.datasets import load_iris
from torch import nn

x, y = load_iris(return_X_y=True)
order = torch.randperm(150, generator=torch.Generator().manual_seed(0))
x, y = torch.tensor(x, dtype=torch.float32)[order], torch.tensor(y)[order]
x = (x - x.mean(0)) / x.std(0)
train_data, val_data = (x[:110], y[:110]), (x[110:], y[110:])
settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 10, "epochs": @EPOCHS@}
faults = pathlib.Path(os.environ["FAULTS"])


def model():
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))


def struck(kind):
    try:
        (faults / kind).unlink()
        return True
    except OSError:
        return False


def loss(outputs, targets):
    if struck("out of memory (device)"):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
    if struck("out of memory (limit)"):
        limits = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (2**30, limits[1]))
        try:
            torch.empty(2**38)
        finally:
            resource.setrlimit(resource.RLIMIT_AS, limits)
    if struck("hang (sleep)"):
        time.sleep(3600)
    if struck("exit"):
        os._exit(3)
    if struck("illegal memory access"):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")
    value = nn.functional.cross_entropy(outputs, targets)
    return value * float("nan") if float(outputs.detach().abs().max()) > @LARGEST@ else value
"""
LIMITS = ("1e9", "20.0", "12.0")
IN_WORKER = ("out of memory (device)", "out of memory (limit)", "hang (sleep)", "exit", "illegal memory access")
OUTSIDE = ("kill a worker", "kill a keeper", "hang (stopped)")
ENDING = ("kill the advisor", "SIGINT", "SIGINT twice", "SIGTERM", "disk full")
ENDINGS = (130, 2, -signal.SIGKILL, -signal.SIGINT, -signal.SIGTERM)
"""Exit codes of an interrupted run; negative where the signal arrived outside the handlers."""
NAN = "NaN"


def chosen(only: list[str], dice: random.Random) -> list[str]:
    """Faults of a chain in random order: those that end the advisor once, others twice.

    Each way of running out of memory occurs once and never twice in a row: a repetition would reduce the batch size.
    """
    memory = [kind for kind in only if kind.startswith("out of memory")]
    rest = [kind for kind in only if kind not in memory for _ in range(1 if kind in ENDING else 2)]
    dice.shuffle(rest)
    half = len(rest) // 2
    for kind, (low, high) in zip(memory, ((0, max(0, half - 1)), (half, len(rest))), strict=False):
        rest.insert(dice.randint(low, high), kind)
    return rest
