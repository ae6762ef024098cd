"""Handwritten digits: a residual multilayer perceptron with layer norm, AdamW, 1cycle."""

import torch
from sklearn.datasets import load_digits
from torch import nn

_images, _labels = load_digits(return_X_y=True)
_order = torch.randperm(len(_labels), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_images, dtype=torch.float32)[_order] / 8.0 - 1.0
_targets = torch.tensor(_labels)[_order]

settings = {
    "optimizer": "AdamW",
    "lr": 3e-3,
    "weight_decay": 0.05,
    "batch_size": 32,
    "epochs": 12,
    "schedule": {"name": "OneCycleLR", "max_lr": 3e-3, "cycle_momentum": False},
}
loss = nn.CrossEntropyLoss()


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.branch = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )

    def forward(self, inputs):
        return inputs + self.branch(inputs)


def model():
    return nn.Sequential(nn.Linear(64, 48), Block(48), Block(48), nn.LayerNorm(48), nn.Linear(48, 10))


def train_data():
    return _inputs[:1350], _targets[:1350]


def val_data():
    return _inputs[1350:], _targets[1350:]
