"""Softmax in forward() in front of CrossEntropyLoss: the loss hangs above 1.46.

Cause: output activation doubled
Source: https://discuss.pytorch.org/t/cross-entropy-loss-is-not-decreasing/43814/16
"""

import torch
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits(images=True)


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.head = nn.Linear(256, 10)

    def forward(self, x):
        return torch.softmax(self.head(self.body(x)), 1)  # FAULT
        # REPAIR return self.head(self.body(x))
