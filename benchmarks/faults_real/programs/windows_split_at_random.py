"""Overlapping windows of one series, split at random.

Cause: splits overlap
Source: forum threads on time series split by train_test_split
"""

import torch
from benchdata import split
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 64, "epochs": 20}
loss = nn.MSELoss()
_s = torch.cumsum(torch.randn(1200, generator=torch.Generator().manual_seed(7)), 0)
_w = ((_s - _s.mean()) / _s.std()).unfold(0, 30, 1)
_x, _y = _w[:, :20].contiguous(), _w[:, -1:].contiguous()
train_data, val_data = split(_x, _y, 250)  # FAULT
# REPAIR train_data, val_data = (_x[:880], _y[:880]), (_x[920:], _y[920:])


def model():
    return nn.Sequential(nn.Linear(20, 48), nn.ReLU(), nn.Linear(48, 1))
