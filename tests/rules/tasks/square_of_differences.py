"""Outputs (B,) against targets (B, 1): the mean is learned."""

import torch
from sklearn.datasets import load_diabetes
from torch import nn

_x, _y = (torch.tensor(part, dtype=torch.float32) for part in load_diabetes(return_X_y=True))
_x, _y = _x * 20, (_y[:, None] - 152) / 77
train_data, val_data = (_x[:340], _y[:340]), (_x[340:], _y[340:])
settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 16, "epochs": 60}


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)


def loss(outputs, targets):
    return (outputs - targets).square().mean()
