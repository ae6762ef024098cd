"""Three linear layers with nothing between them.

Cause: activation missing
Source: https://stats.stackexchange.com/questions/320672; UMLAUT's check "missing activations"
"""

import torch
from torch import nn

settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 32, "epochs": 30}
loss = nn.BCEWithLogitsLoss()
_x = torch.rand(1000, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
_y = ((_x[:, :1] * _x[:, 1:]) > 0).float()
train_data, val_data = (_x[:800], _y[:800]), (_x[800:], _y[800:])


def model():
    bend = nn.Identity  # FAULT
    # REPAIR bend = nn.Tanh
    return nn.Sequential(nn.Linear(2, 16), bend(), nn.Linear(16, 16), bend(), nn.Linear(16, 1))
