"""Regression on targets with a mean of 152."""

import torch
from sklearn.datasets import load_diabetes
from torch import nn

_inputs, _targets = load_diabetes(return_X_y=True)
_order = torch.randperm(len(_targets), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_inputs, dtype=torch.float32)[_order] * 21.0
_targets = torch.tensor(_targets, dtype=torch.float32)[_order, None]
train_data, val_data = (_inputs[:350], _targets[:350]), (_inputs[350:], _targets[350:])
settings = {"optimizer": "Adam", "lr": 0.01, "batch_size": 32, "epochs": 60}


def model():
    return nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
