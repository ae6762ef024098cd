"""NLLLoss on raw scores: the loss falls below zero without end.

Cause: loss takes other outputs
Source: https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html (takes log-probabilities); forum threads on a negative loss
"""

import torch.nn.functional as F
from benchdata import wine
from torch import nn

settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 16, "epochs": 40}
loss = F.nll_loss
train_data, val_data = wine()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(13, 24), nn.Tanh(), nn.Linear(24, 3))

    def forward(self, x):
        return self.net(x)  # FAULT
        # REPAIR return F.log_softmax(self.net(x), 1)
