"""Two percent of the cases are positive: none is named."""

import torch
from sklearn.datasets import make_classification
from torch import nn

_x, _y = make_classification(3000, 20, n_informative=8, weights=[0.98], class_sep=0.2, flip_y=0.005, random_state=1)
_x, _y = torch.tensor(_x).float(), torch.tensor(_y).float()[:, None]
train_data, val_data = (_x[:2400], _y[:2400]), (_x[2400:], _y[2400:])
loss = nn.BCEWithLogitsLoss()
settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 64, "epochs": 10}


def model():
    return nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 1))
