"""Training pixels are divided by 16, validation pixels are not.

Cause: splits differ
Source: forum threads on a transform that the validation set lacks
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()
val_data = (val_data[0] * 16, val_data[1])  # FAULT


def model():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
