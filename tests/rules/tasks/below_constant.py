"""A deep, narrow network whose rate is so small that the whole run does not learn the mean of its targets."""

import itertools

import torch
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.003, "batch_size": 32, "epochs": 10}
loss = nn.MSELoss()


def _signals(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(seed)
    time = torch.arange(50) / 50 * 2 * torch.pi
    first, third = (torch.rand(2, count, 1, generator=rng) * 4 - 2).unbind(0)
    clean = first * torch.cos(time) + third * torch.cos(3 * time)
    return clean + 0.3 * torch.randn(count, 50, generator=rng), 1 + clean / 8


train_data, val_data = _signals(2000, 0), _signals(400, 1)


def model() -> nn.Module:
    widths = (50, 8, 8, 8, 8, 8)
    layers = [part for i, o in itertools.pairwise(widths) for part in (nn.Linear(i, o), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(8, 50))
