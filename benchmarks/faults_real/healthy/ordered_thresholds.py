"""Grades 0 to 4 by cumulative logits: one score and four ordered thresholds, each a question 'more than k?'."""

import torch
import torch.nn.functional as F
from torch import nn

settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 32, "epochs": 25}
_g = torch.Generator().manual_seed(0)
_x = torch.randn(1500, 8, generator=_g)
_s = _x[:, 0] - _x[:, 1] * _x[:, 2] + 0.5 * torch.randn(1500, generator=_g)
_y = torch.bucketize(_s, torch.tensor([-1.5, -0.5, 0.5, 1.5]))
train_data, val_data = (_x[:1200], _y[:1200]), (_x[1200:], _y[1200:])


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
        self.first, self.steps = nn.Parameter(torch.tensor(-1.0)), nn.Parameter(torch.zeros(3))

    def forward(self, x):
        cuts = torch.cat([self.first[None], self.first + F.softplus(self.steps).cumsum(0)])
        return self.score(x) - cuts


def loss(scores, grades):
    return F.binary_cross_entropy_with_logits(scores, (grades[:, None] > torch.arange(4)).float())
