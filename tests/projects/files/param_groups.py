"""Several parameter groups: the head learns ten times as fast, norms and biases are not decayed."""

from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.002, "momentum": 0.9, "weight_decay": 1e-3, "batch_size": 40, "epochs": 12}
train_data, val_data = (PIXELS[TRAIN], LABELS[TRAIN]), (PIXELS[VAL], LABELS[VAL])


def model():
    return nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10))


def param_groups(model):
    body, norm, _, head = model
    return [
        {"params": [body.weight], "lr": 0.002, "weight_decay": 1e-3},
        {"params": [body.bias, *norm.parameters()], "lr": 0.002, "weight_decay": 0.0},
        {"params": head.parameters(), "lr": 0.02, "weight_decay": 1e-3},
    ]


loss = nn.CrossEntropyLoss()
