"""Metric learning by a triplet loss: outputs are distances, there are no targets."""

import torch
import torch.nn.functional as F
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 64, "epochs": 10}


def _triplets(data, seed):
    x, y = data
    g = torch.Generator().manual_seed(seed)
    alike, other = [], []
    for label in y:
        for found, same in ((alike, True), (other, False)):
            pick = torch.nonzero((y == label) == same)
            found.append(int(pick[torch.randint(len(pick), (1,), generator=g)]))
    return torch.stack([x, x[alike], x[other]], 1)


_train, _val = digits()
train_data, val_data = (_triplets(_train, 0),), (_triplets(_val, 1),)


def model():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 12))


def training_step(model, batch):
    return F.triplet_margin_loss(*(model(batch[0][:, i]) for i in range(3)))
