"""Two half moons that touch: made data, two scores, SGD with momentum, constant rate."""

import torch
from sklearn.datasets import make_moons
from torch import nn

_points, _labels = make_moons(2000, noise=0.15, random_state=0)
_inputs = torch.tensor(_points, dtype=torch.float32)
_inputs = (_inputs - _inputs[:1500].mean(0)) / _inputs[:1500].std(0)
_targets = torch.tensor(_labels)

settings = {"optimizer": "SGD", "lr": 0.03, "momentum": 0.9, "weight_decay": 1e-4, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()


def model():
    return nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))


def train_data():
    return _inputs[:1500], _targets[:1500]


def val_data():
    return _inputs[1500:], _targets[1500:]
