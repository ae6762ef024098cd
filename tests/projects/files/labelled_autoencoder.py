"""An autoencoder fed from a labelled data set, as with MNIST: the labels are not used."""

from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-4, "batch_size": 40, "epochs": 10}
train_data, val_data = (PIXELS[TRAIN], LABELS[TRAIN]), (PIXELS[VAL], LABELS[VAL])


def model():
    return nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 64))
