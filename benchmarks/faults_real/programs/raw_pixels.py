"""Pixels from 0 to 255 and SGD at 0.01 with momentum: the loss explodes or dies.

Cause: inputs not scaled
Source: DeepLocalize and UMLAUT, unnormalised images; https://theorangeduck.com/page/neural-network-not-working
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
SCALE = 16 / 255  # FAULT
# REPAIR SCALE = 16
train_data, val_data = digits(scale=SCALE, images=True)


def model():
    return nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(192, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )
