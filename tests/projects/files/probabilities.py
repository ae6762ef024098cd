"""Two classes, one sigmoid, targets in a row: BCELoss is inferred."""

from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 40, "epochs": 12}
train_data, val_data = (PIXELS[TRAIN], LABELS[TRAIN] > 4), (PIXELS[VAL], LABELS[VAL] > 4)


def model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
