"""Six labels for each row, sigmoid in the model and BCELoss."""

import torch
from torch import nn

settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 32, "epochs": 20}
_g = torch.Generator().manual_seed(1)
_x = torch.randn(1200, 12, generator=_g)
_y = ((_x @ torch.randn(12, 6, generator=_g) + _x[:, :6] * _x[:, 6:]) > 1.5).float()
train_data, val_data = (_x[:1000], _y[:1000]), (_x[1000:], _y[1000:])
loss = nn.BCELoss()


def model():
    return nn.Sequential(nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 6), nn.Sigmoid())
