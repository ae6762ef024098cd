"""Measurements on the untrained model layer by layer, and timing of steps at several sizes."""

import math

import pytest
import torch
from torch import nn

from advisor.probes.batch_size.throughput import throughput
from advisor.probes.preflight.layers import LayerWatch
from advisor.probes.preflight.measure import preflight
from advisor.probes.preflight.targets import sample_size
from advisor.records.preflight import PreflightResult
from advisor.runtime.oom import out_of_memory
from advisor.utils.codec import decode, encode

SIGMOID_OUT = """

def model():
    return nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1), nn.Sigmoid())


loss = nn.MSELoss()
train_data = (_inputs[:200], 5 * _inputs[:200, :1])
val_data = (_inputs[200:], 5 * _inputs[200:, :1])
"""
OUT_OF_MEMORY = """
import time


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(6, 3)

    def forward(self, inputs):
        time.sleep(0.02)  # so that a doubled batch is faster for sure
        if len(inputs) > 128:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return self.body(inputs)


settings = {"optimizer": "SGD", "lr": 0.1, "batch_size": 50, "epochs": 5}
"""
SHARED = """

_bits = ({values}).to(torch.{dtype})
train_data, val_data = (_bits[:200], _targets[:200]), (_bits[190:230], _targets[190:230])


def model():
    return nn.Sequential(Cast(), nn.Linear(8, 3))


class Cast(nn.Module):
    def forward(self, inputs):
        return inputs.float()
"""
MANY = """
from torch.utils.data import DataLoader, default_collate

sizes = []


class Many:
    targets = _targets.repeat(10)

    def __len__(self):
        return 2400

    def __getitem__(self, index):
        return _inputs[index % 240], self.targets[index]


def collate(items):
    sizes.append(len(items))
    return default_collate(items)


train_data = DataLoader(Many(), 20, collate_fn=collate)
val_data = DataLoader(Many(), 20, collate_fn=collate)
"""


def test_dead_and_saturated_units_are_counted():
    model = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 5), nn.Tanh())
    with torch.no_grad():
        model[0].bias.copy_(torch.tensor([-1e3] * 7 + [1e3] * 3))
        model[2].bias.fill_(1e6)
    watch = LayerWatch(model)
    out = model(torch.randn(32, 4))
    watch.close()
    out.sum().backward()
    looks = {look.kind: look for look in watch.looks()}
    assert looks["ReLU"].dead == pytest.approx(0.7)
    assert looks["Tanh"].saturated == 1.0
    assert math.isnan(looks["Tanh"].dead)
    assert watch.bounds(out) == (-1.0, 1.0)
    assert watch.bounds(out + 1) == (-math.inf, math.inf)


def test_convolution_units_are_channels():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU())
    with torch.no_grad():
        model[0].bias.copy_(torch.tensor([-1e3, -1e3, 1e3, 1e3]))
    watch = LayerWatch(model)
    model(torch.randn(8, 1, 6, 6))
    watch.close()
    assert watch.looks()[1].dead == 0.5


def test_preflight_sees_targets_beyond_the_output(load):
    result = preflight(load(SIGMOID_OUT), 1000)
    look = result.target_look
    assert look is not None
    assert (look.output_low, look.output_high) == (0.0, 1.0)
    assert look.outside > 0.5
    written = encode(result)
    written["target_look"]["largest_share"] = 0.1  # As earlier versions wrote it.
    again = decode(PreflightResult, written)
    assert again.target_look == look
    assert [item.name for item in again.layers] == [item.name for item in result.layers]


def test_targets_are_read_a_few_at_a_time_and_once(load):
    task = load(MANY)
    result = preflight(task, 0)
    sizes = task.train.loading.collate.__globals__["sizes"]
    assert max(sizes) == 256
    assert sum(sizes) <= 2 * 256 + 2 * 2000 + 256 + 2 * 1000  # the last for samples of both sets
    assert result.target_look.examples == 2000
    assert result.target_look.distinct == 3
    assert result.expected_loss == pytest.approx(math.log(3), rel=1e-4)
    shares = torch.bincount(task.train.dataset.targets) / 2400
    assert result.baseline_loss == pytest.approx(float(-(shares * shares.log()).sum()), rel=1e-2)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int64", "bool"])
def test_validation_examples_among_the_training_data_are_counted(load, dtype):
    values = "torch.arange(240).unsqueeze(1) // 2 ** torch.arange(8) % 2"
    found = preflight(load(SHARED.format(values=values, dtype=dtype)), 0)
    assert found.overlap == pytest.approx(10 / 40)


def test_of_large_examples_fewer_are_looked_at():
    small, large = (torch.empty(256, 3, side, side, device="meta") for side in (32, 1000))
    assert sample_size(10**6, (small,), 256) == 2000
    assert sample_size(10**6, (large,), 256) == 256
    assert sample_size(900, (small,), 256) == 900


def test_throughput_doubles_until_the_allowance_is_spent(load):
    task = load("\nsettings = {'optimizer': 'SGD', 'lr': 0.1, 'batch_size': 20, 'epochs': 5}\n")
    found = throughput(task, 3 * 20 + 3 * 10)
    assert [row.batch_size for row in found.rows] == [10, 20]
    assert found.train_examples <= 3 * 20 + 3 * 10
    assert all(row.fits and row.step_seconds > 0 for row in found.rows)
    assert found.fetch_seconds > 0


def test_a_size_that_runs_out_of_memory_is_recorded_as_such(load, monkeypatch):
    monkeypatch.setattr("advisor.probes.batch_size.throughput._ENOUGH_SECONDS", math.inf)  # however busy the machine is
    rows = {row.batch_size: row for row in throughput(load(OUT_OF_MEMORY), 10_000).rows}
    assert rows[50].fits
    assert not rows[200].fits
    assert rows[200].out_of_memory
    assert 400 not in rows


def test_out_of_memory_is_told_from_other_errors():
    assert out_of_memory(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"))
    assert not out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


def linear_pairs(model, inputs):
    watch = LayerWatch(model)
    model(inputs)
    watch.close()
    return watch.chains.pairs


def test_layers_without_an_activation_between_are_named():
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.1), nn.Linear(8, 3))
    assert linear_pairs(model, torch.randn(6, 4)) == [("0", "3")]
    images = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 2))
    assert linear_pairs(images, torch.randn(5, 1, 6, 6)) == [("0", "1")]


class Branch(nn.Module):
    def __init__(self, between):
        super().__init__()
        self.first, self.second, self.between = nn.Linear(4, 8), nn.Linear(8, 3), between

    def forward(self, inputs):
        return self.second(self.between(self.first(inputs)))


@pytest.mark.parametrize(
    "model",
    [
        nn.Sequential(nn.Linear(4, 8), nn.ReLU(inplace=True), nn.Linear(8, 3)),
        nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.Linear(8, 3)),
        nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 4)),
        Branch(torch.relu),
        Branch(torch.relu_),
        Branch(lambda hidden: hidden + 1),
    ],
    ids=["in place", "layer norm", "bottleneck", "function", "function in place", "sum"],
)
def test_what_bends_or_narrows_between_layers_is_accepted(model):
    assert linear_pairs(model, torch.randn(6, 4)) == []


def test_factorised_convolutions_are_accepted():
    depthwise = nn.Sequential(nn.Conv2d(4, 4, 3, groups=4), nn.Conv2d(4, 8, 1))
    one_sided = nn.Sequential(nn.Conv2d(4, 4, (1, 3)), nn.Conv2d(4, 4, (3, 1)))
    for model in (depthwise, one_sided):
        assert linear_pairs(model, torch.randn(2, 4, 6, 6)) == []


def test_units_that_begin_as_copies_are_seen():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Linear(3, 2), nn.Linear(2, 1))
    with torch.no_grad():
        model[0].weight.fill_(0.1)
        model[2].weight.zero_()
        model[4].weight.fill_(0.1)
    watch = LayerWatch(model)
    model(torch.randn(5, 4))
    watch.close()
    assert [look.name for look in watch.looks() if look.alike] == ["0"]
