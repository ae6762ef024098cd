"""F.dropout without training=self.training: it also drops in evaluation.

Cause: evaluation random
Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html (training=True by default); forum threads on eval() and F.dropout
"""

import torch
import torch.nn.functional as F
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 32, "epochs": 15}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(64, 64), nn.Linear(64, 10)

    def forward(self, x):
        x = F.dropout(torch.relu(self.first(x)), 0.5)  # FAULT
        # REPAIR x = F.dropout(torch.relu(self.first(x)), 0.5, training=self.training)
        return self.second(x)
