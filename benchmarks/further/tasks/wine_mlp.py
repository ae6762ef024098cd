"""The quality of red wine from 1,000 rows: an MLP, SGD; noisy."""

from _data import wine as load
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "weight_decay": 1e-4, "batch_size": 32, "epochs": 40}
loss = nn.MSELoss()


def Net():
    return nn.Sequential(nn.Linear(11, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))


model = Net
train_data, val_data, test_data = load()
