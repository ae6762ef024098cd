"""An autoencoder of clothes, sixteen numbers wide, AdamW without decay."""

import functools

from _data import fashion
from torch import nn

load = functools.partial(fashion, (6000, 1500, 3000), True)
settings = {"optimizer": "AdamW", "lr": 1e-3, "weight_decay": 0.0, "batch_size": 64, "epochs": 10}
loss = nn.MSELoss()


def Net():
    return nn.Sequential(
        nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 16), nn.Linear(16, 128), nn.ReLU(), nn.Linear(128, 784)
    )


model = Net
train_data, val_data, test_data = load()
