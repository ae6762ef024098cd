"""All weights start at zero.

Cause: weights start equal
Source: https://taourl.com/read-1959901.html; DeepCrime's weight initialisation faults
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.1, "momentum": 0.9, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


def model():
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10))
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.weight)  # FAULT
            # REPAIR nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    return net
