"""One BatchNorm1d stands behind two layers of different scale: its statistics fit neither.

Cause: modes disagree
Source: https://discuss.pytorch.org/t/model-eval-gives-incorrect-loss-for-model-with-batchnorm-layers/7561
"""

import torch
from benchdata import digits
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.head = nn.Linear(64, 32), nn.Linear(32, 32), nn.Linear(32, 10)
        self.norm = self.other = nn.BatchNorm1d(32)  # FAULT
        # REPAIR self.norm, self.other = nn.BatchNorm1d(32), nn.BatchNorm1d(32)

    def forward(self, x):
        x = torch.relu(self.norm(self.first(3 * x)))
        return self.head(torch.relu(self.other(self.second(x) / 4)))
