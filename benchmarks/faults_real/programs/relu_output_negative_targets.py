"""Regression with a ReLU as the last layer; half of the targets are negative.

Cause: output range
Source: https://community.deeplearning.ai/t/loss-values-do-not-change/324182
"""

from benchdata import progress
from torch import nn

settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 16, "epochs": 40}
loss = nn.MSELoss()
train_data, val_data = progress()


def model():
    layers = [nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1)]
    layers.append(nn.ReLU())  # FAULT
    return nn.Sequential(*layers)
