"""A hand-made layer keeps its weight as a tensor with requires_grad, not as a Parameter.

Cause: weights outside parameters
Source: https://github.com/pytorch/pytorch/issues/98412 (a hand-made LSTM)
"""

import torch
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


class Mix(nn.Module):
    def __init__(self, before, after):
        super().__init__()
        first = 0.1 * torch.randn(before, after)
        self.weight = first.requires_grad_()  # FAULT
        # REPAIR self.weight = nn.Parameter(first)

    def forward(self, x):
        return torch.relu(x @ self.weight)


def model():
    return nn.Sequential(Mix(64, 24), Mix(24, 24), nn.Linear(24, 10))
