"""Class weights the wrong way round: the rare class counts a twentieth, and is never named.

Cause: one class for all
Source: forum threads on CrossEntropyLoss(weight=...)
"""

import torch
from benchdata import rare
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 64, "epochs": 10}
train_data, val_data = rare(0.1, 4000)
train_data, val_data = [(x, y.long()) for x, y in (train_data, val_data)]
WEIGHTS = [0.95, 0.05]  # FAULT
# REPAIR WEIGHTS = [0.1, 0.9]
loss = nn.CrossEntropyLoss(torch.tensor(WEIGHTS))


def model():
    return nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 2))
