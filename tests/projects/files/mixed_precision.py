"""Mixed precision in today's settings."""

from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {"optimizer": "AdamW", "lr": 1e-4, "batch_size": 40, "epochs": 10, "amp": True}
train_data, val_data = (PIXELS[TRAIN], LABELS[TRAIN]), (PIXELS[VAL], LABELS[VAL])


def model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
