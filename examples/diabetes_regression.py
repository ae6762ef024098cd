"""A regression on scikit-learn's diabetes data: few examples, much noise, inferred loss, held-out validation."""

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler
from torch import nn

settings = {"optimizer": "AdamW", "lr": 0.001, "weight_decay": 0.01, "batch_size": 32, "epochs": 60}


def model() -> nn.Module:
    return nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))


def train_data() -> tuple[torch.Tensor, torch.Tensor]:
    inputs, targets = load_diabetes(return_X_y=True)
    scaled = StandardScaler().fit_transform(targets.reshape(-1, 1))
    return torch.tensor(StandardScaler().fit_transform(inputs)).float(), torch.tensor(scaled).float()
