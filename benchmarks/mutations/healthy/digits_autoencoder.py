"""Handwritten digits: an autoencoder with eight code units, Adam, cosine."""

import torch
from sklearn.datasets import load_digits
from torch import nn

_images = load_digits().data
_order = torch.randperm(len(_images), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_images, dtype=torch.float32)[_order] / 8.0 - 1.0

settings = {
    "optimizer": "Adam",
    "lr": 8e-3,
    "batch_size": 32,
    "epochs": 30,
    "schedule": {"name": "CosineAnnealingLR", "T_max": 1260},
}
loss = nn.MSELoss()


def model():
    return nn.Sequential(
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 8),
        nn.Linear(8, 64),
        nn.ReLU(),
        nn.Linear(64, 64),
    )


def train_data():
    return _inputs[:1350], _inputs[:1350]


def val_data():
    return _inputs[1350:], _inputs[1350:]
