"""One class in ten, a weighted loss, and a metric that is not accuracy."""

import torch
from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-4, "batch_size": 40, "epochs": 10}
target = (LABELS == 8).long()
train_data, val_data = (PIXELS[TRAIN], target[TRAIN]), (PIXELS[VAL], target[VAL])


def model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))


loss = nn.CrossEntropyLoss(weight=torch.tensor([0.1, 0.9]))


def metric(outputs, targets):
    """Balanced accuracy."""
    hit = (outputs.argmax(1) == targets).float()
    return torch.stack([hit[targets == k].mean() for k in (0, 1) if (targets == k).any()]).mean()
