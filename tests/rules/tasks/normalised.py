"""Normalised layers, which bear a wide range of rates."""

import digits
from torch import nn


def model():
    return nn.Sequential(
        nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(),
        nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(),
        nn.Linear(64, 10),
    )  # fmt: skip


train_data, val_data = digits.parts()
settings = digits.settings(batch_size=64)
