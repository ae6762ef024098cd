"""Weights in float16 and Adam with its epsilon of 1e-8, which is zero in float16.

Cause: half precision
Source: https://github.com/pytorch/pytorch/issues (Adam eps in float16 gives nan); forum threads on model.half()
"""

import torch
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 8}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
        self.net.half()  # FAULT

    def forward(self, x):
        return self.net(x.to(next(self.net.parameters()).dtype)).float()
