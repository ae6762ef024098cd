"""House prices in dollars as targets of a squared error.

Cause: targets not scaled
Source: https://theorangeduck.com/page/neural-network-not-working; forum threads on an MSE of 1e10
"""

from benchdata import progress
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 16, "epochs": 40}
loss = nn.MSELoss()
SCALE, CENTRE = 0.0004, 0.0  # FAULT
# REPAIR SCALE, CENTRE = 77.0, 152.0
train_data, val_data = progress(SCALE, CENTRE)


def model():
    return nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
