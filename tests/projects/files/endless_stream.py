"""Examples without end, length given in steps."""

import torch
from torch import nn
from torch.utils.data import IterableDataset

settings = {"optimizer": "SGD", "lr": 0.003, "momentum": 0.9, "batch_size": 32, "steps": 300}


class Waves(IterableDataset):
    def __iter__(self):
        while True:
            x = torch.rand(2) * 6 - 3
            yield x, torch.sin(x[:1]) * torch.cos(x[1:])


train_data = Waves


def model():
    return nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))


loss = nn.MSELoss()
