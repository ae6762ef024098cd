"""A deep network drawn with weights far too large: most runs diverge."""

import digits
from torch import nn


def model():
    layers = []
    for _ in range(6):
        layers += [nn.Linear(64, 64), nn.ReLU()]
    net = nn.Sequential(*layers, nn.Linear(64, 10))
    for layer in net[::2]:
        nn.init.normal_(layer.weight, std=1.0)
    return net


train_data, val_data = digits.parts()
settings = digits.settings(lr=0.01, epochs=20)
