"""Every layer starts with the same number in all places: the units of a layer stay copies of each other.

Cause: weights start equal
Source: https://pages.dogdog.run/machine_learning/weight_initialization.html
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 32, "epochs": 15}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


def model():
    net = nn.Sequential(nn.Linear(64, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 10))
    for layer in (net[0], net[2]):
        nn.init.constant_(layer.weight, 0.1)  # FAULT
        # REPAIR nn.init.xavier_normal_(layer.weight)
    return net
