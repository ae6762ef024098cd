"""StepLR(step_size=1, gamma=0.1), meant per epoch, stepped per batch.

Cause: schedule ends at once
Source: forum threads on scheduler.step() inside the batch loop
"""

from benchdata import digits
from torch import nn

EVERY = 1  # FAULT
# REPAIR EVERY = 400
settings = {
    "optimizer": "SGD", "lr": 0.1, "momentum": 0.9, "batch_size": 32, "epochs": 20,
    "schedule": {"name": "StepLR", "step_size": EVERY, "gamma": 0.1},
}  # fmt: skip
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


def model():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
