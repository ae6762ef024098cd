"""Nine sigmoid layers: the gradient fades on its way to the first."""

import digits
from torch import nn


def model():
    layers = [nn.Linear(64, 32), nn.Sigmoid()]
    for _ in range(8):
        layers += [nn.Linear(32, 32), nn.Sigmoid()]
    return nn.Sequential(*layers, nn.Linear(32, 10))


train_data, val_data = digits.parts()
settings = digits.settings(epochs=10)
