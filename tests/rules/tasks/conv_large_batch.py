"""Convolutions that keep the processor busy with few examples already."""

import digits
from torch import nn


def model():
    return nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(4096, 10),
    )  # fmt: skip


train_data, val_data = digits.parts()
settings = digits.settings(batch_size=1024, epochs=10)
