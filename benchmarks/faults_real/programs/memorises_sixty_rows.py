"""A wide net, sixty noisy rows, 300 epochs.

Cause: overfits
Source: questions on training accuracy of 1 beside a rising validation loss
"""

import torch
from benchdata import tumours
from torch import nn

EPOCHS = 100  # FAULT
# REPAIR EPOCHS = 8
settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 16, "epochs": EPOCHS}
loss = nn.CrossEntropyLoss()
train_data, val_data = tumours()
_g = torch.Generator().manual_seed(3)
_flip = (torch.rand(60, generator=_g) < 0.25).long()
train_data = (train_data[0][:60], train_data[1][:60] ^ _flip)  # FAULT


def model():
    return nn.Sequential(nn.Linear(30, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2))
