"""Exact targets of few numbers: a large batch says little more than a small one."""

import torch
from torch import nn

_random = torch.Generator().manual_seed(0)
_inputs = torch.randn(5000, 6, generator=_random)
_targets = _inputs @ torch.randn(6, 1, generator=_random)
train_data, val_data = (_inputs[:4096], _targets[:4096]), (_inputs[4096:], _targets[4096:])
loss = nn.MSELoss()
settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 512, "epochs": 100}


def model():
    return nn.Linear(6, 1)
