"""Iris, three classes, Adam at its default rate, thirty steps in all.

Cause: training too short
Source: DeepFD benchmark, subject 59282996 (epoch 30)
"""

from benchdata import iris
from torch import nn

EPOCHS = 10  # FAULT
# REPAIR EPOCHS = 600
settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": EPOCHS}
loss = nn.CrossEntropyLoss()
train_data, val_data = iris()


def model():
    return nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 3))
