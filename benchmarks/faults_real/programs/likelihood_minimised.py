"""A Gaussian log-likelihood that is minimised, not its negative.

Cause: no lower bound
Source: pytorch/examples issue 824 and its like (sign of the bound of a VAE)
"""

import torch
from benchdata import progress
from torch import nn

SIGN = 1.0  # FAULT
# REPAIR SIGN = -1.0
settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 32, "epochs": 40}
train_data, val_data = progress()


def model():
    return nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 2))


def loss(outputs, targets):
    mean, log_std = outputs.chunk(2, 1)
    return SIGN * torch.distributions.Normal(mean, log_std.exp()).log_prob(targets).mean()
