"""The largest batch that fits: found by trial, on the longest examples."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

from advisor.probes.batch_size.largest import largest_that_fits
from advisor.probes.batch_size.throughput import throughput
from advisor.probes.batch_size.trial import tried
from advisor.records.profile import LongestExamples
from advisor.runtime.memory import free, is_limited, peak, start_peak
from advisor.task.data.longest import Longest, measure_lengths

LENGTHS = """

class Sequences(torch.utils.data.Dataset):
    def __init__(self, count):
        self.items = [torch.randn(1 + i * 7 % count, 6) for i in range(count)]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i], i % 3


def together(examples):
    return nn.utils.rnn.pad_sequence([x for x, _ in examples], batch_first=True), torch.tensor([y for _, y in examples])


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(6, 3)

    def forward(self, rows):
        return self.body(rows).mean(1)


train_data = torch.utils.data.DataLoader(Sequences(120), 4, shuffle=True, collate_fn=together)
val_data = torch.utils.data.DataLoader(Sequences(40), 4, collate_fn=together)
settings = {"optimizer": "SGD", "lr": 0.1, "batch_size": 4, "epochs": 5}
"""
FULL_AT = """

plain = model


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = plain()

    def forward(self, inputs):
        if inputs.shape[0] * (inputs.shape[1] if inputs.ndim == 3 else 1) > LIMIT:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return self.body(inputs)
"""
WIDE = """
import os, resource
from pathlib import Path
from types import SimpleNamespace
from types import SimpleNamespace


def model():
    return nn.Sequential(nn.Linear(6, 4096), nn.GELU(), nn.Linear(4096, 64), nn.Linear(64, 4096), nn.Tanh(),
                         nn.Linear(4096, 3))


_inputs = torch.randn(6000, 6)
train_data, val_data = (_inputs, _inputs[:, :3].argmax(1)), (_inputs[:500], _inputs[:500, :3].argmax(1))
settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 64, "epochs": 1}
torch.optim.SGD(model().parameters(), lr=0.01, momentum=0.9)  # Loads what every process here needs, before the limit.
model()(_inputs[:8]).sum().backward()
_used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
resource.setrlimit(resource.RLIMIT_AS, (_used + 320 * 2**20,) * 2)
"""
ASK = """
import sys
from advisor.probes.batch_size.throughput import throughput
from advisor.records.task import TaskSource
from advisor.task.load import load_task
from advisor.utils.codec import to_text

print(to_text(throughput(load_task(TaskSource(path=sys.argv[1], device="cpu")), 100_000).fit))
"""
EPOCH = """
import sys
import torch
from advisor.task.imports import load_module
from pathlib import Path

torch.set_num_threads(1)
given = load_module(Path(sys.argv[1]))
model = given.model()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
data = torch.utils.data.TensorDataset(*given.train_data)
for inputs, targets in torch.utils.data.DataLoader(data, int(sys.argv[2]), shuffle=True):
    optimizer.zero_grad()
    given.loss(model(inputs), targets).backward()
    optimizer.step()
"""


def in_a_process(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")
def test_the_largest_size_trains_a_whole_epoch_where_memory_is_limited(write):
    path = write(WIDE)
    asked = in_a_process(ASK, path)
    assert asked.returncode == 0, asked.stderr
    found = SimpleNamespace(**json.loads(asked.stdout.splitlines()[-1]))
    assert found.stopped == "memory"
    assert 64 <= found.largest < found.too_large <= 1.5 * found.largest
    assert in_a_process(EPOCH, path, found.largest).returncode == 0
    whole = in_a_process(EPOCH, path, 6000)
    assert whole.returncode != 0 and "allocate memory" in whole.stderr  # The limit is one of memory.


@pytest.fixture
def limited(monkeypatch):
    """As on a device, where memory that runs out is an error."""
    monkeypatch.setattr("advisor.probes.batch_size.largest.is_limited", lambda device: True)


@pytest.mark.parametrize("limit", [15, 100])
def test_doubles_and_then_halves_the_gap(limit, load, limited):
    task = load("\nsettings = {'optimizer': 'SGD', 'lr': 0.1, 'batch_size': 20, 'epochs': 5}\n" + FULL_AT.replace(
        "LIMIT", str(limit)
    ))  # fmt: skip
    found = largest_that_fits(task, [], 10_000)
    assert found.largest <= limit < found.too_large
    assert found.too_large - found.largest <= max(1, found.largest / 4)
    assert found.stopped == "memory" and found.longest is None


def test_never_claims_more_than_was_tried(load, limited):
    task = load("\nsettings = {'optimizer': 'SGD', 'lr': 0.1, 'batch_size': 20, 'epochs': 5}\n")
    dear = largest_that_fits(task, [], 150)
    assert (dear.largest, dear.too_large, dear.stopped, dear.train_examples) == (40, None, "cost", 120)
    whole = largest_that_fits(task, [], 100_000)
    assert (whole.largest, whole.stopped) == (160, "data")


def test_without_a_limit_it_is_what_was_timed(load):
    task = load("\nsettings = {'optimizer': 'SGD', 'lr': 0.1, 'batch_size': 20, 'epochs': 5}\n")
    found = throughput(task, 300)
    assert found.fit.largest == max(row.batch_size for row in found.rows if row.fits)
    assert found.fit.stopped == "unlimited" and found.fit.train_examples == 0


def test_the_longest_examples_are_tried_together(load, limited):
    task = load(LENGTHS)
    lengths = measure_lengths(task.train)
    assert lengths.differ and len(lengths.order) == 120
    longest = Longest(task.train, lengths)
    rows, _ = next(longest.forever(3, 0))
    assert rows.shape[:2] == (3, max(len(item) for item in task.train.dataset.items))
    assert [count for _, count in longest.subset_batches(7, 3)] == [3, 3, 1]
    ordinary = load(LENGTHS + FULL_AT.replace("LIMIT", "1500"))
    found = largest_that_fits(ordinary, [], 10_000)
    assert 120 * found.largest <= 1500 < 120 * found.too_large
    assert found.longest == LongestExamples(120, 120, lengths.least, lengths.most)


def test_equal_examples_and_tensors_have_one_length(load):
    assert not measure_lengths(load().train).differ
    as_dataset = "\ntrain_data = torch.utils.data.ConcatDataset([torch.utils.data.TensorDataset(*train_data)])\n"
    assert not measure_lengths(load(as_dataset).train).differ


def test_passes_that_are_accumulated_are_tried_as_one(load, limited):
    accumulated = "\nsettings = {'lr': 0.1, 'batch_size': 10, 'accumulation_steps': 4, 'epochs': 5}\n"
    found = largest_that_fits(load(accumulated + FULL_AT.replace("LIMIT", "25")), [], 10_000)
    assert found.largest <= 25 < found.too_large


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_watched(load):
    task = load("\nsettings = {'optimizer': 'SGD', 'lr': 0.1, 'batch_size': 20, 'epochs': 5}\n")
    used = start_peak(task.device)
    block = bytearray(64 * 2**20)
    block[:: 2**10] = b"x" * len(block[:: 2**10])
    assert peak(task.device) - used > 60 * 2**20
    assert 2**20 < free() < 2**50
    assert not is_limited(task.device)
    assert tried(task, 20, 2).grown_bytes >= 0


@pytest.mark.parametrize(("counted", "grown"), [(-4096.0, 0.0), (8192.0, 8192.0)])
def test_memory_that_is_counted_late_has_not_shrunk(counted, grown, load, monkeypatch):
    used = start_peak(torch.device("cpu"))
    monkeypatch.setattr("advisor.probes.batch_size.trial.start_peak", lambda device: used)
    monkeypatch.setattr("advisor.probes.batch_size.trial.peak", lambda device: used + counted)
    assert tried(load(), 20, 2).grown_bytes == grown
