"""Handwritten digits: two hidden layers, SGD with momentum, constant rate."""

import torch
from sklearn.datasets import load_digits
from torch import nn

_images, _labels = load_digits(return_X_y=True)
_order = torch.randperm(len(_labels), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_images, dtype=torch.float32)[_order] / 8.0 - 1.0
_targets = torch.tensor(_labels)[_order]

settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4, "batch_size": 32, "epochs": 20}
loss = nn.CrossEntropyLoss()


def model():
    return nn.Sequential(
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def train_data():
    return _inputs[:1350], _targets[:1350]


def val_data():
    return _inputs[1350:], _targets[1350:]
