"""Handwritten digits as five grades (0 and 1, 2 and 3, ...): ordinal regression with cumulative logits, SGD."""

import torch
from sklearn.datasets import load_digits
from torch import nn

_images, _labels = load_digits(return_X_y=True)
_order = torch.randperm(len(_labels), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_images, dtype=torch.float32)[_order] / 8.0 - 1.0
_targets = torch.tensor(_labels)[_order]
_grades = (_targets // 2).view(-1, 1)
_targets = (_grades > torch.arange(4)).float()  # "above grade k" for each k

settings = {
    "optimizer": "SGD",
    "lr": 0.3,
    "momentum": 0.9,
    "weight_decay": 1e-4,
    "batch_size": 32,
    "epochs": 20,
    "schedule": {"name": "CosineAnnealingLR", "T_max": 840},
}
loss = nn.BCEWithLogitsLoss()


def model():
    return nn.Sequential(
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 4),
    )


def train_data():
    return _inputs[:1350], _targets[:1350]


def val_data():
    return _inputs[1350:], _targets[1350:]
