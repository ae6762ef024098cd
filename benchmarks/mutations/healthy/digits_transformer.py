"""Handwritten digits as eight tokens: one transformer layer, AdamW, 1cycle."""

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
    "lr": 8e-3,
    "weight_decay": 0.01,
    "batch_size": 32,
    "epochs": 16,
    "schedule": {"name": "OneCycleLR", "max_lr": 8e-3, "cycle_momentum": False},
}
loss = nn.CrossEntropyLoss()


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(8, 32)
        self.place = nn.Parameter(0.02 * torch.randn(1, 8, 32))
        self.layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(32)
        self.head = nn.Linear(32, 10)

    def forward(self, images):
        return self.head(self.norm(self.layer(self.embed(images) + self.place)).mean(1))


def model():
    return Encoder()


def train_data():
    return _inputs[:1350], _targets[:1350]


def val_data():
    return _inputs[1350:], _targets[1350:]
