"""Two classes, one output unit, softmax over it: it is 1 for every input, and no gradient is left.

Cause: output cannot vary
Source: https://stats.stackexchange.com/questions/481881; https://geek-tips.imtqy.com/articles/557592
"""

from benchdata import tumours
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 40}
loss = nn.BCELoss()
train_data, val_data = tumours()
train_data, val_data = [(x, y.float()[:, None]) for x, y in (train_data, val_data)]


def model():
    last = nn.Softmax(1)  # FAULT
    # REPAIR last = nn.Sigmoid()
    return nn.Sequential(nn.Linear(30, 24), nn.ReLU(), nn.Linear(24, 1), last)
