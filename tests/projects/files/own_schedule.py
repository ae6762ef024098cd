"""A StepLR that is stepped once an epoch, and gradients that are clipped."""

from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {
    "optimizer": "SGD",
    "lr": 0.05,
    "momentum": 0.9,
    "batch_size": 40,
    "epochs": 12,
    "clip_grad_norm": 0.5,
    "schedule": {"name": "StepLR", "step_size": 4, "gamma": 0.1, "interval": "epoch"},
}
train_data, val_data = (PIXELS[TRAIN], LABELS[TRAIN]), (PIXELS[VAL], LABELS[VAL])


def model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
