"""A bottleneck of one unit between 64 pixels and ten classes.

Cause: too narrow
Source: DeepFD and DeepLocalize, "too few neurons"
"""

from benchdata import digits
from torch import nn

WIDTH = 1  # FAULT
# REPAIR WIDTH = 48
settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 32, "epochs": 20}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


def model():
    return nn.Sequential(nn.Linear(64, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 10))
