"""Parity of 3 bits among 24: loss of ln 2 for long, then it breaks through. SGD on a wide ReLU layer."""

import torch
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.1, "momentum": 0.9, "batch_size": 32, "epochs": 20}
loss = nn.BCEWithLogitsLoss()
_g = torch.Generator().manual_seed(0)
_x = torch.randint(2, (4000, 24), generator=_g).float() * 2 - 1
_y = (_x[:, [2, 9, 17]].prod(1, keepdim=True) > 0).float()
train_data, val_data = (_x[:3500], _y[:3500]), (_x[3500:], _y[3500:])


def model():
    return nn.Sequential(nn.Linear(24, 128), nn.ReLU(), nn.Linear(128, 1))
