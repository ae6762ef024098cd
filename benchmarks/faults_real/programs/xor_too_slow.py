"""XOR with four sigmoid units, mean absolute error and SGD at 0.05: 50,000 epochs at 0.1 would do.

Cause: rate too low
Source: DeepFD benchmark, subject 31556268 (loss, epochs, lr)
"""

import torch
from torch import nn

LR, LOSS = 0.02, nn.L1Loss()  # FAULT
# REPAIR LR, LOSS = 4.0, nn.MSELoss()
settings = {"optimizer": "SGD", "lr": LR, "momentum": 0.1, "nesterov": True, "batch_size": 64, "epochs": 150}
loss = LOSS
_x = torch.tensor([[1.0, 1], [1, 0], [0, 0], [0, 1]]).repeat(100, 1)
_x = _x + 0.05 * torch.randn(_x.shape, generator=torch.Generator().manual_seed(0))
_y = ((_x[:, :1] > 0.5) ^ (_x[:, 1:] > 0.5)).float()
train_data, val_data = (_x[:300], _y[:300]), (_x[300:], _y[300:])


def model():
    return nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
