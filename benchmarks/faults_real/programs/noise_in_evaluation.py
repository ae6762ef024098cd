"""Noise meant as augmentation is added in forward(), whatever the mode.

Cause: evaluation random
Source: forum threads on results that change from one evaluation to the next after eval()
"""

import torch
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 32, "epochs": 15}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        # REPAIR if self.training:
        if True:  # FAULT
            x = x + 0.3 * torch.randn_like(x)
        return self.net(x)
