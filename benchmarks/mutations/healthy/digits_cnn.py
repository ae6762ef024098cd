"""Handwritten digits: convolutions without normalisation, Adam, cosine."""

import torch
from sklearn.datasets import load_digits
from torch import nn

_images, _labels = load_digits(return_X_y=True)
_order = torch.randperm(len(_labels), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_images, dtype=torch.float32)[_order] / 8.0 - 1.0
_targets = torch.tensor(_labels)[_order]
_inputs = _inputs.view(-1, 1, 8, 8)

settings = {
    "optimizer": "Adam",
    "lr": 1e-2,
    "batch_size": 32,
    "epochs": 15,
    "schedule": {"name": "CosineAnnealingLR", "T_max": 630},
}
loss = nn.CrossEntropyLoss()


def model():
    return nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(96, 10),
    )


def train_data():
    return _inputs[:1350], _targets[:1350]


def val_data():
    return _inputs[1350:], _targets[1350:]
