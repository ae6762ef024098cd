"""log_softmax over axis 0: the probabilities of one class sum to one over the batch.

Cause: examples mixed
Source: https://runebook.dev/en/articles/pytorch/generated/torch.nn.softmax (softmax across the batch)
"""

import torch.nn.functional as F
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 32, "epochs": 12}
loss = nn.NLLLoss()
train_data, val_data = digits()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))

    def forward(self, x):
        return F.log_softmax(self.net(x), 0)  # FAULT
        # REPAIR return F.log_softmax(self.net(x), 1)
