"""Inputs were shuffled, the labels were not.

Cause: labels misaligned
Source: https://datarekha.com/interview/deep-learning/debugging-model-not-learning (labels shuffled apart from their inputs)
"""

import torch
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()
_g = torch.Generator().manual_seed(5)
train_data = (train_data[0][torch.randperm(len(train_data[0]), generator=_g)], train_data[1])  # FAULT
val_data = (val_data[0][torch.randperm(len(val_data[0]), generator=_g)], val_data[1])  # FAULT


def model():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
