"""A missing value in one row.

Cause: not finite
Source: forum threads on a loss of nan; GRIST's numerical faults
"""

import torch
from benchdata import tumours
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 30}
loss = nn.CrossEntropyLoss()
train_data, val_data = tumours()
train_data[0][::40, 3] = float("nan")  # FAULT


def model():
    return nn.Sequential(nn.Linear(30, 24), nn.ReLU(), nn.Linear(24, 2))
