"""Almost undamped momentum: the one weight swings about its best value to the end, in batches of all examples."""

import torch
from torch import nn

_inputs = torch.randn(1200, 1, generator=torch.Generator().manual_seed(0))
_targets = 2.0 * _inputs


def model():
    return nn.Linear(1, 1)


train_data, val_data = (_inputs[:800], _targets[:800]), (_inputs[800:], _targets[800:])
loss = nn.MSELoss()
settings = {"optimizer": "SGD", "lr": 0.3, "momentum": 0.996, "batch_size": 800, "epochs": 2560}
