"""Ten outputs and a column of class numbers in a squared error: each output learns the number.

Cause: broadcast
Source: forum threads on "Using a target size that is different to the input size"
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 20}
loss = nn.MSELoss()  # FAULT
# REPAIR loss = nn.CrossEntropyLoss()
(_x, _y), (_u, _v) = digits()
train_data, val_data = (_x, _y), (_u, _v)
train_data, val_data = (_x, _y.float()[:, None]), (_u, _v.float()[:, None])  # FAULT


def model():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
