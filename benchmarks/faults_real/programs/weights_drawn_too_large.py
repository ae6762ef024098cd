"""Layers drawn with unit variance: tanh units stand at their bounds from the start.

Cause: units saturated
Source: DeepFD and DeepCrime, "wrong weight initialisation"
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.02, "momentum": 0.9, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


def model():
    net = nn.Sequential(
        nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10)
    )
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=3.0)  # FAULT
            # REPAIR nn.init.xavier_normal_(layer.weight)
    return net
