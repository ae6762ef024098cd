"""Examples stand by class, and the loader does not shuffle.

Cause: not shuffled
Source: UMLAUT and DeepFD, "shuffle" faults; sorted data sets as they are published
"""

from benchdata import digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
(_x, _y), val_data = digits()
_order = _y.argsort(stable=True)
train_data = DataLoader(TensorDataset(_x[_order], _y[_order]), batch_size=32)  # FAULT
# REPAIR train_data = DataLoader(TensorDataset(_x[_order], _y[_order]), batch_size=32, shuffle=True)


def model():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
