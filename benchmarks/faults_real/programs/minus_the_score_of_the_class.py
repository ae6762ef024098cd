"""A hand-written cross-entropy that forgets the logarithm: minus the probability of the right class times its score.

Cause: loss takes other outputs
Source: TrainCheck and forum reports of hand-written losses; DeepFD "wrong loss"
"""

import torch
import torch.nn.functional as F
from benchdata import wine
from torch import nn

settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 16, "epochs": 40}
train_data, val_data = wine()


def loss(outputs, targets):
    picked = outputs.gather(1, targets[:, None]).squeeze(1)
    return -picked.mean()  # FAULT
    # REPAIR return F.nll_loss(outputs.log_softmax(1), targets)


def model():
    return nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 3))
