"""A sound convolutional network under AdamW with a schedule."""

import digits
from torch import nn

train_data, val_data = digits.parts(digits.INPUTS.reshape(-1, 1, 8, 8))
settings = {"optimizer": "AdamW", "lr": 1e-3, "batch_size": 64, "epochs": 16, "schedule": "onecycle"}


def model():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10),
    )  # fmt: skip
