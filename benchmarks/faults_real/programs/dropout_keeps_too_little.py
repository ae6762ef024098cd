"""Dropout(0.95), meant as the share that is kept.

Cause: dropout too strong
Source: DeepCrime's dropout faults; reports of keep_prob read as the rate
"""

from benchdata import digits
from torch import nn

SHARE = 0.95  # FAULT
# REPAIR SHARE = 0.2
settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 32, "epochs": 15}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


def model():
    return nn.Sequential(
        nn.Linear(64, 48),
        nn.ReLU(),
        nn.Dropout(SHARE),
        nn.Linear(48, 48),
        nn.ReLU(),
        nn.Dropout(SHARE),
        nn.Linear(48, 10),
    )
