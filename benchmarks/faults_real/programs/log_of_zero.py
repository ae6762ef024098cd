"""A hand-written BCE with log of a ReLU output: zero, and minus infinity.

Cause: not finite
Source: GRIST (numerical faults in deep learning programs), log of zero
"""

import torch
from benchdata import tumours
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 30}
train_data, val_data = tumours()
train_data, val_data = [(x, y.float()[:, None]) for x, y in (train_data, val_data)]


def loss(outputs, targets):
    chance = torch.relu(outputs).clamp(max=1.0)  # FAULT
    # REPAIR chance = torch.sigmoid(outputs).clamp(1e-6, 1 - 1e-6)
    return -(targets * chance.log() + (1 - targets) * (1 - chance).log()).mean()


def model():
    return nn.Sequential(nn.Linear(30, 24), nn.ReLU(), nn.Linear(24, 1))
