"""1,000 tiny digits: five tanh layers, SGD; its settings are good already."""

from _data import digits as load
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4, "batch_size": 50, "epochs": 30}
loss = nn.CrossEntropyLoss()


def Net():
    return nn.Sequential(
        *[m for i, o in ((64, 64), (64, 64), (64, 64), (64, 64)) for m in (nn.Linear(i, o), nn.Tanh())],
        nn.Linear(64, 10),
    )


model = Net
train_data, val_data, test_data = load()
