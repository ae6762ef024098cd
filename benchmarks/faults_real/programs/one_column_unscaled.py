"""Wine as it comes: one column reaches 1,680, the others stay near 1 to 30.

Cause: inputs not scaled
Source: DeepFD benchmark, tabular subjects without scaling (https://github.com/ArabelaTso/DeepFD)
"""

import torch
from benchdata import split
from sklearn.datasets import load_wine
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.01, "batch_size": 16, "epochs": 60}
loss = nn.CrossEntropyLoss()
_x, _y = load_wine(return_X_y=True)
_x = torch.tensor(_x).float()
_x = (_x - _x.mean(0)) / _x.std(0)
_x[:, 12] = _x[:, 12] * 315 + 747  # FAULT
train_data, val_data = split(_x, torch.tensor(_y), 48)


def model():
    return nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 3))
