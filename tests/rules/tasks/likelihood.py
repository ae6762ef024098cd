"""A sound negative log-likelihood that turns negative and comes to rest."""

import torch
from torch import nn

_inputs = torch.randn(500, 6, generator=torch.Generator().manual_seed(0))
_targets = 0.05 * (_inputs[:, :4] + 0.2 * torch.randn(500, 4, generator=torch.Generator().manual_seed(1)))
train_data, val_data = (_inputs[:400], _targets[:400]), (_inputs[400:], _targets[400:])
settings = {"optimizer": "Adam", "lr": 0.01, "batch_size": 20, "epochs": 30}


def model():
    return nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 8))


def loss(outputs, targets):
    mean, log_std = outputs.chunk(2, 1)
    return -torch.distributions.Normal(mean, log_std.exp()).log_prob(targets).sum(1).mean()
