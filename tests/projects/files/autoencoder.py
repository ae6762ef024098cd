"""Unlabelled data: an autoencoder on a plain array."""

from digits_data import PIXELS, TRAIN
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-4, "batch_size": 40, "epochs": 10}
train_data = PIXELS[TRAIN].numpy()


def model():
    return nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 64))
