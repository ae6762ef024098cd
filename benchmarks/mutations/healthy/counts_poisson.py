"""Counts with a rate that depends on six variables: Poisson regression on made data, Adam, constant rate."""

import torch
from torch import nn

_generator = torch.Generator().manual_seed(0)
_inputs = torch.randn(2400, 6, generator=_generator)
_rate = (0.6 * _inputs[:, 0] - 0.4 * _inputs[:, 1] * _inputs[:, 2] + 0.5).clamp(-2.0, 2.5).exp()
_targets = torch.poisson(_rate, generator=_generator).view(-1, 1)

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 12}
loss = nn.PoissonNLLLoss()


def model():
    return nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))


def train_data():
    return _inputs[:1800], _targets[:1800]


def val_data():
    return _inputs[1800:], _targets[1800:]
