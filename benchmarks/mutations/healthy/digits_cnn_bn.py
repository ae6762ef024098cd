"""Handwritten digits: convolutions with batch norm, SGD with momentum, 1cycle."""

import torch
from sklearn.datasets import load_digits
from torch import nn

_images, _labels = load_digits(return_X_y=True)
_order = torch.randperm(len(_labels), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_images, dtype=torch.float32)[_order] / 8.0 - 1.0
_targets = torch.tensor(_labels)[_order]
_inputs = _inputs.view(-1, 1, 8, 8)

settings = {
    "optimizer": "SGD",
    "lr": 0.3,
    "momentum": 0.9,
    "weight_decay": 5e-4,
    "batch_size": 32,
    "epochs": 12,
    "schedule": {"name": "OneCycleLR", "max_lr": 0.3, "cycle_momentum": False},
}
loss = nn.CrossEntropyLoss()


def model():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


def train_data():
    return _inputs[:1350], _targets[:1350]


def val_data():
    return _inputs[1350:], _targets[1350:]
