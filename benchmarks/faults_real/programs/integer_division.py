"""Pixels of type uint8 divided as integers: all inputs are zero.

Cause: inputs ignored
Source: forum threads on `// 255`
"""

import torch
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 20}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()
train_data, val_data = ((torch.floor(x * 0.99), y) for x, y in (train_data, val_data))  # FAULT


def model():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
