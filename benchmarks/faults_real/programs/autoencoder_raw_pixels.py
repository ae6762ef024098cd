"""An autoencoder with a sigmoid at its end, trained to give back pixels from 0 to 16.

Cause: output range
Source: UMLAUT's range check; DeepLocalize, autoencoder subjects
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 32, "epochs": 12}
loss = nn.MSELoss()
SCALE = 1.0  # FAULT
# REPAIR SCALE = 16.0
(_x, _), (_u, _) = digits(scale=SCALE)
train_data, val_data = (_x, _x), (_u, _u)


def model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 12), nn.ReLU(), nn.Linear(12, 64), nn.Sigmoid())
