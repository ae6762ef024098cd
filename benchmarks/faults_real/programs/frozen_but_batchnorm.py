"""Everything is frozen but batch norm, the new output layer included.

Cause: output layer frozen
Source: https://discuss.pytorch.org/t/obtaining-abnormal-changes-in-loss-and-accuracy/84911 (TrainCheck, FORUM84911)
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits(images=True)


def model():
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10)
    )
    for parameter in [*net[0].parameters(), *net[5].parameters()]:
        parameter.requires_grad = False  # FAULT
        # REPAIR parameter.requires_grad = True
    return net
