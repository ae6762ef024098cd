"""The validation examples are also in the training data.

Cause: splits overlap
Source: forum threads on validation accuracy that is too good; playbook, overlapping splits
"""

import torch
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()
train_data = tuple(torch.cat(pair) for pair in zip(train_data, val_data, strict=True))  # FAULT


def model():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
