"""Eight ReLU layers with weights from N(0, 0.01): all examples look the same to the last of them.

Cause: gradient fades
Source: forum threads on a loss that stays at ln(10); NeuraLint, initialisation
"""

import itertools

from benchdata import digits
from torch import nn

SPREAD = 0.01  # FAULT
# REPAIR SPREAD = 0.2
settings = {"optimizer": "SGD", "lr": 0.02, "momentum": 0.9, "batch_size": 32, "epochs": 20}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


def model():
    sizes = [64] + [48] * 8
    layers = [layer for a, b in itertools.pairwise(sizes) for layer in (nn.Linear(a, b), nn.ReLU())]
    net = nn.Sequential(*layers, nn.Linear(48, 10))
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=SPREAD)
            nn.init.zeros_(layer.bias)
    return net
