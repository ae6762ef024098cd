"""Digits: two convolutions with dropout, SGD with momentum 0.5."""

from _data import mnist as load
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.5, "weight_decay": 0.0, "batch_size": 64, "epochs": 6}
loss = nn.CrossEntropyLoss()


def Net():
    return nn.Sequential(
        nn.Conv2d(1, 8, 5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(8, 16, 5),
        nn.Dropout2d(0.3),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 50),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(50, 10),
    )


model = Net
train_data, val_data, test_data = load()
