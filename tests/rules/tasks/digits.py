"""Handwritten digits, 64 pixels in 0..1; shared by the task files beside it."""

import torch
from sklearn.datasets import load_digits
from torch import nn

_images, _labels = load_digits(return_X_y=True)
_order = torch.randperm(len(_labels), generator=torch.Generator().manual_seed(0))
INPUTS = torch.tensor(_images, dtype=torch.float32)[_order] / 16.0
TARGETS = torch.tensor(_labels)[_order]
SPLIT = 1400


def parts(inputs=INPUTS, targets=TARGETS, split=SPLIT):
    """Training and validation tensors."""
    return (inputs[:split], targets[:split]), (inputs[split:], targets[split:])


def mlp(hidden=32):
    """One hidden layer."""
    return nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def settings(**changes):
    """Plain SGD settings."""
    return {"optimizer": "SGD", "lr": 0.1, "momentum": 0.9, "batch_size": 32, "epochs": 30, **changes}
