"""Batch norm with momentum 1e-4, read as the share that stays: evaluation uses the statistics of the first batches.

Cause: modes disagree
Source: https://github.com/pytorch/pytorch/issues/4741 (eval() with batch norm gives a high error)
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits(scale=1.6, images=True)
SHARE = 1e-4  # FAULT
# REPAIR SHARE = 0.1


def model():
    return nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.BatchNorm2d(12, momentum=SHARE),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1),
        nn.BatchNorm2d(24, momentum=SHARE),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(96, 10),
    )
