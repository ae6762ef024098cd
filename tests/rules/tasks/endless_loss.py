"""An error with a minus before it: the loss has no lower bound."""

import torch
from torch import nn

_inputs = torch.randn(500, 6, generator=torch.Generator().manual_seed(0))
_targets = _inputs[:, :1] - _inputs[:, 1:2].square()
train_data, val_data = (_inputs[:400], _targets[:400]), (_inputs[400:], _targets[400:])
settings = {"optimizer": "Adam", "lr": 0.003, "batch_size": 20, "epochs": 30}


def model():
    return nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))


def loss(outputs, targets):
    return -(outputs - targets).square().mean()
