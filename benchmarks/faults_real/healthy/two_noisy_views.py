"""Contrastive learning of two noisy views with InfoNCE: the loss depends on the other rows of the batch and starts at ln(batch)."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 64, "epochs": 20}
_x = torch.tensor(load_digits().data).float() / 16
_g = torch.Generator().manual_seed(0)
_a, _b = _x + 0.15 * torch.randn(_x.shape, generator=_g), _x + 0.15 * torch.randn(_x.shape, generator=_g)
train_data, val_data = (_a[:1408], _b[:1408]), (_a[1408:], _b[1408:])


def model():
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 24))


def training_step(model, batch):
    a, b = F.normalize(model(batch[0]), dim=1), F.normalize(model(batch[1]), dim=1)
    scores = a @ b.T / 0.2
    return F.cross_entropy(scores, torch.arange(len(a)))
