"""A sigmoid at the output of a regression whose targets reach far beyond 1."""

import torch
from sklearn.datasets import load_diabetes
from torch import nn

_inputs, _targets = load_diabetes(return_X_y=True)
_order = torch.randperm(len(_targets), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_inputs, dtype=torch.float32)[_order] * 20
_targets = torch.tensor(_targets, dtype=torch.float32)[_order, None] / 100
train_data, val_data = (_inputs[:340], _targets[:340]), (_inputs[340:], _targets[340:])
loss = nn.MSELoss()
settings = {"optimizer": "AdamW", "lr": 1e-3, "batch_size": 16, "epochs": 20}


def model():
    return nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
