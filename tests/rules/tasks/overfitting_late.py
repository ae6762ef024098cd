"""As overfitting.py with half the epochs: the best length is a part of the run, and no tiny one."""

import overfitting
from torch import nn

train_data, val_data = overfitting.train_data, overfitting.val_data
settings = {"optimizer": "SGD", "lr": 0.02, "momentum": 0.9, "batch_size": 32, "epochs": 40}


def model():
    return nn.Sequential(nn.Linear(30, 128), nn.ReLU(), nn.Linear(128, 2))
