"""Sigmoid as the last layer and BCEWithLogitsLoss on top: probabilities never leave 0.5 to 0.73.

Cause: output activation doubled
Source: DeepFD benchmark, "wrong activation" subjects (https://github.com/ArabelaTso/DeepFD); UMLAUT's check of the same
"""

from benchdata import tumours
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 40}
loss = nn.BCEWithLogitsLoss()
train_data, val_data = tumours()
train_data, val_data = [(x, y.float()[:, None]) for x, y in (train_data, val_data)]


def model():
    layers = [nn.Linear(30, 24), nn.ReLU(), nn.Linear(24, 1)]
    layers.append(nn.Sigmoid())  # FAULT
    return nn.Sequential(*layers)
