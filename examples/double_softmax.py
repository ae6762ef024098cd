"""A common mistake: the model ends in a softmax, and CrossEntropyLoss applies it again. Preflight finds it."""

import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn

settings = {"optimizer": "Adam", "lr": 0.001, "batch_size": 16, "epochs": 40}
loss = nn.CrossEntropyLoss()


def model() -> nn.Module:
    return nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 3), nn.Softmax(dim=1))


def train_data() -> tuple[torch.Tensor, torch.Tensor]:
    inputs, targets = load_wine(return_X_y=True)
    return torch.tensor(StandardScaler().fit_transform(inputs)).float(), torch.tensor(targets)
