"""Gradients of four batches of 10 are accumulated before each step, in mixed precision."""

from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {
    "optimizer": "SGD",
    "lr": 0.01,
    "momentum": 0.9,
    "batch_size": 10,
    "accumulation_steps": 4,
    "epochs": 12,
    "amp": True,
}
train_data, val_data = (PIXELS[TRAIN], LABELS[TRAIN]), (PIXELS[VAL], LABELS[VAL])


class model(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10))
