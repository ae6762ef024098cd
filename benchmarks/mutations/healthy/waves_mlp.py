"""A smooth wave of three variables: regression on made data, SGD with momentum, 1cycle."""

import torch
from torch import nn

_generator = torch.Generator().manual_seed(0)
_inputs = torch.randn(2400, 3, generator=_generator)
_signal = torch.sin(2.0 * _inputs[:, 0]) * _inputs[:, 1] + 0.5 * _inputs[:, 2] ** 2
_targets = (_signal + 0.1 * torch.randn(2400, generator=_generator)).view(-1, 1)
_targets = (_targets - _targets[:1800].mean()) / _targets[:1800].std()

settings = {
    "optimizer": "SGD",
    "lr": 0.04,
    "momentum": 0.9,
    "weight_decay": 1e-5,
    "batch_size": 32,
    "epochs": 20,
    "schedule": {"name": "OneCycleLR", "max_lr": 0.04, "cycle_momentum": False},
}
loss = nn.MSELoss()


def model():
    return nn.Sequential(
        nn.Linear(3, 48),
        nn.ReLU(),
        nn.Linear(48, 48),
        nn.ReLU(),
        nn.Linear(48, 1),
    )


def train_data():
    return _inputs[:1800], _targets[:1800]


def val_data():
    return _inputs[1800:], _targets[1800:]
