"""A narrow deep network in which the seed decides how well a run goes."""

import digits
from torch import nn


def model():
    layers = [nn.Linear(64, 3), nn.ReLU()]
    for _ in range(3):
        layers += [nn.Linear(3, 3), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(3, 2))


train_data, val_data = digits.parts(targets=(digits.TARGETS > 4).long())
settings = {"optimizer": "AdamW", "lr": 1e-3, "batch_size": 32, "epochs": 60}
