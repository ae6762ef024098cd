"""Friedman's first function: regression on made data, Adam, cosine."""

import torch
from sklearn.datasets import make_friedman1
from torch import nn

_features, _values = make_friedman1(2400, n_features=8, noise=0.5, random_state=0)
_inputs = 4.0 * torch.tensor(_features, dtype=torch.float32) - 2.0
_targets = torch.tensor(_values, dtype=torch.float32).view(-1, 1)
_targets = (_targets - _targets[:1800].mean()) / _targets[:1800].std()

settings = {
    "optimizer": "Adam",
    "lr": 1e-2,
    "batch_size": 32,
    "epochs": 20,
    "schedule": {"name": "CosineAnnealingLR", "T_max": 1120},
}
loss = nn.MSELoss()


def model():
    return nn.Sequential(
        nn.Linear(8, 48),
        nn.ReLU(),
        nn.Linear(48, 48),
        nn.ReLU(),
        nn.Linear(48, 1),
    )


def train_data():
    return _inputs[:1800], _targets[:1800]


def val_data():
    return _inputs[1800:], _targets[1800:]
