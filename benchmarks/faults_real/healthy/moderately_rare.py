"""Eight percent positives that can be told apart; the positive class is weighted."""

import torch
from benchdata import split
from sklearn.datasets import make_classification
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 64, "epochs": 15}
_x, _y = make_classification(3000, 16, n_informative=8, weights=[0.92], class_sep=1.4, random_state=2)
train_data, val_data = split(torch.tensor(_x).float(), torch.tensor(_y).float()[:, None], 600)
loss = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(4.0))


def model():
    return nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))
