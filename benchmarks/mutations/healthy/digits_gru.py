"""Handwritten digits read row by row: a GRU, AdamW, cosine."""

import torch
from sklearn.datasets import load_digits
from torch import nn

_images, _labels = load_digits(return_X_y=True)
_order = torch.randperm(len(_labels), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_images, dtype=torch.float32)[_order] / 8.0 - 1.0
_targets = torch.tensor(_labels)[_order]
_inputs = _inputs.view(-1, 8, 8)

settings = {
    "optimizer": "AdamW",
    "lr": 2e-2,
    "weight_decay": 0.01,
    "batch_size": 32,
    "epochs": 12,
    "schedule": {"name": "CosineAnnealingLR", "T_max": 504},
}
loss = nn.CrossEntropyLoss()


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = nn.GRU(8, 32, batch_first=True)
        self.head = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, images):
        return self.head(self.rows(images)[0][:, -1])


def model():
    return Reader()


def train_data():
    return _inputs[:1350], _targets[:1350]


def val_data():
    return _inputs[1350:], _targets[1350:]
