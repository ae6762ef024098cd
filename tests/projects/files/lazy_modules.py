"""LazyLinear and LazyConv2d: no shape is known before the first batch."""

from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.005, "momentum": 0.9, "batch_size": 40, "epochs": 16}
train_data = PIXELS[TRAIN].view(-1, 1, 8, 8), LABELS[TRAIN]
val_data = PIXELS[VAL].view(-1, 1, 8, 8), LABELS[VAL]


def model():
    return nn.Sequential(nn.LazyConv2d(8, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(10))
