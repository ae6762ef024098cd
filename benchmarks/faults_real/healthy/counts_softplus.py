"""Counts by a Poisson likelihood with softplus as the last layer: outputs that cannot be negative, as it must be."""

import torch
from torch import nn

settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 32, "epochs": 25}
_g = torch.Generator().manual_seed(0)
_x = torch.randn(1200, 5, generator=_g)
_y = torch.poisson((0.6 * _x[:, :1] + 0.4 * _x[:, 1:2] * _x[:, 2:3] + 0.5).exp(), generator=_g)
train_data, val_data = (_x[:1000], _y[:1000]), (_x[1000:], _y[1000:])
loss = nn.PoissonNLLLoss(log_input=False)


def model():
    return nn.Sequential(nn.Linear(5, 24), nn.ReLU(), nn.Linear(24, 1), nn.Softplus())
