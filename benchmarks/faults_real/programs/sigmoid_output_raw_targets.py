"""Sigmoid output, targets that reach far above one.

Cause: output range
Source: DeepFD benchmark, regression with a sigmoid output (https://github.com/ArabelaTso/DeepFD)
"""

from benchdata import progress
from torch import nn

settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 16, "epochs": 40}
loss = nn.MSELoss()
train_data, val_data = progress(scale=100.0, centre=0.0)


def model():
    layers = [nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1)]
    layers.append(nn.Sigmoid())  # FAULT
    return nn.Sequential(*layers)
