"""Breast tumours, benign or not: one logit, SGD with Nesterov momentum, cosine."""

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

_features, _labels = load_breast_cancer(return_X_y=True)
_order = torch.randperm(len(_labels), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_features, dtype=torch.float32)[_order]
_inputs = (_inputs - _inputs[:400].mean(0)) / _inputs[:400].std(0)
_targets = torch.tensor(_labels, dtype=torch.float32)[_order].view(-1, 1)

settings = {
    "optimizer": "SGD",
    "lr": 0.03,
    "momentum": 0.9,
    "nesterov": True,
    "weight_decay": 1e-2,
    "batch_size": 16,
    "epochs": 30,
    "schedule": {"name": "CosineAnnealingLR", "T_max": 750},
}
loss = nn.BCEWithLogitsLoss()


def model():
    return nn.Sequential(nn.Linear(30, 16), nn.Tanh(), nn.Linear(16, 1))


def train_data():
    return _inputs[:400], _targets[:400]


def val_data():
    return _inputs[400:], _targets[400:]
