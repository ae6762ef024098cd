"""A bias of -10 in front of every ReLU, copied from a recipe for something else: no unit ever fires.

Cause: units dead
Source: https://discuss.pytorch.org/t/cross-entropy-loss-is-not-decreasing/43814/16 (negative weights before ReLU); AutoTrainer's dying ReLU
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


def model():
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10))
    for layer in (net[0], net[2]):
        nn.init.constant_(layer.bias, -10.0)  # FAULT
        # REPAIR nn.init.zeros_(layer.bias)
    return net
