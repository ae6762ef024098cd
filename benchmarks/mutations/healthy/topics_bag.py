"""Which of five topics a made text of twenty words is about: an embedding bag, Adam, 1cycle."""

import torch
from torch import nn

_generator = torch.Generator().manual_seed(0)
_targets = torch.randint(5, (2400,), generator=_generator)
_own = 40 * _targets.view(-1, 1) + torch.randint(40, (2400, 20), generator=_generator)
_any = torch.randint(200, (2400, 20), generator=_generator)
_inputs = torch.where(torch.rand(2400, 20, generator=_generator) < 0.3, _own, _any)

settings = {
    "optimizer": "Adam",
    "lr": 1e-2,
    "batch_size": 32,
    "epochs": 8,
    "schedule": {"name": "OneCycleLR", "max_lr": 1e-2, "cycle_momentum": False},
}
loss = nn.CrossEntropyLoss()


def model():
    return nn.Sequential(nn.EmbeddingBag(200, 16, mode="mean"), nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 5))


def train_data():
    return _inputs[:1800], _targets[:1800]


def val_data():
    return _inputs[1800:], _targets[1800:]
