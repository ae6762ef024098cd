"""Handwritten digits with noise taken away: a small convolutional autoencoder, AdamW, 1cycle."""

import torch
from sklearn.datasets import load_digits
from torch import nn

_images = load_digits().data
_order = torch.randperm(len(_images), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_images, dtype=torch.float32)[_order] / 8.0 - 1.0
_clean = _inputs.view(-1, 1, 8, 8)
_noisy = _clean + 0.5 * torch.randn(_clean.shape, generator=torch.Generator().manual_seed(1))

settings = {
    "optimizer": "AdamW",
    "lr": 2e-2,
    "weight_decay": 0.01,
    "batch_size": 32,
    "epochs": 12,
    "schedule": {"name": "OneCycleLR", "max_lr": 2e-2, "cycle_momentum": False},
}
loss = nn.MSELoss()


def model():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 24, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(24, 16, 2, stride=2),
        nn.ReLU(),
        nn.Conv2d(16, 1, 3, padding=1),
    )


def train_data():
    return _noisy[:1350], _clean[:1350]


def val_data():
    return _noisy[1350:], _clean[1350:]
