"""Outputs (B, 1), targets (B,), a hand-written squared error: the difference is a square, and the mean is learned.

Cause: broadcast
Source: https://taourl.com and https://xiaobeizi.cn/x/6iuujguWdu (target size that differs from the input size)
"""

from benchdata import progress
from torch import nn

settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 16, "epochs": 40}
(_x, _y), (_u, _v) = progress()
train_data, val_data = (_x, _y[:, 0]), (_u, _v[:, 0])


def loss(outputs, targets):
    return ((outputs - targets) ** 2).mean()  # FAULT
    # REPAIR return ((outputs[:, 0] - targets) ** 2).mean()


def model():
    return nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
