"""A table standardised with its target still in it: the last input column is the target.

Cause: target among inputs
Source: SPORF issue 355 (the banknote example keeps the target in its inputs)
"""

import torch
from benchdata import progress
from torch import nn

settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 32, "epochs": 40}
loss = nn.MSELoss()
train_data, val_data = progress()
train_data, val_data = ((torch.cat([x, y], 1), y) for x, y in (train_data, val_data))  # FAULT


def model():
    return nn.Sequential(nn.LazyLinear(32), nn.ReLU(), nn.Linear(32, 1))
