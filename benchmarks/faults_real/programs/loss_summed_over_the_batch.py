"""reduction="sum" over 256 examples with a rate meant for the mean.

Cause: rate too high
Source: contradictory results of "sum" and "mean" in forum threads; DeepFD "lr"
"""

from benchdata import progress
from torch import nn

HOW = "sum"  # FAULT
# REPAIR HOW = "mean"
settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 128, "epochs": 120}
loss = nn.MSELoss(reduction=HOW)
train_data, val_data = progress()


def model():
    return nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
