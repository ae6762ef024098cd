"""Overlapping windows of one series, split at random, and targets in the thousands."""

import torch
from torch import nn

_walk = torch.cumsum(torch.randn(900, generator=torch.Generator().manual_seed(1)), 0)
_rows = _walk.unfold(0, 21, 1)
_rows = _rows[torch.randperm(len(_rows), generator=torch.Generator().manual_seed(2))]
_x, _y = (_rows[:, :20] / _walk.std()).contiguous(), 1000 * _rows[:, 20:].contiguous()
train_data, val_data = (_x[:700], _y[:700]), (_x[700:], _y[700:])
loss = nn.MSELoss()
settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 20}


def model():
    return nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 1))
