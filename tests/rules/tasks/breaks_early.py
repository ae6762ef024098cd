"""A rate that fresh weights do not bear at once, but do after a ramp."""

import digits
from torch import nn


def model():
    layers = [nn.Linear(64, 64), nn.ReLU()]
    for _ in range(4):
        layers += [nn.Linear(64, 64), nn.LayerNorm(64), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(64, 10))


train_data, val_data = digits.parts()
settings = {"optimizer": "AdamW", "lr": 0.05, "batch_size": 32, "epochs": 40}
