"""Years (1900 to 2010) as targets, as they are.

Cause: targets not scaled
Source: forum threads on regression that predicts the mean; UMLAUT
"""

from benchdata import progress
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.001, "batch_size": 16, "epochs": 40}
loss = nn.MSELoss()
SCALE, CENTRE = 3.0, -5700.0  # FAULT
# REPAIR SCALE, CENTRE = 77.0, 152.0
train_data, val_data = progress(SCALE, CENTRE)


def model():
    return nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
