"""Parity of four bits beside noise: the loss stays at that of a guess for a long while, then falls."""

import torch
from torch import nn

settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 64, "epochs": 60}
loss = nn.CrossEntropyLoss()
_g = torch.Generator().manual_seed(0)
_x = torch.randint(2, (1800, 12), generator=_g).float() * 2 - 1
_y = (_x[:, :4].prod(1) > 0).long()
train_data, val_data = (_x[:1400], _y[:1400]), (_x[1400:], _y[1400:])


def model():
    return nn.Sequential(nn.Linear(12, 96), nn.ReLU(), nn.Linear(96, 2))
