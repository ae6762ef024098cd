"""Two percent of the cases are positive, plain BCE: every case is called negative.

Cause: one class for all
Source: https://errorhandle.ai/keras-prediction-returns-only-one-class-in-binary-problem; taourl.com/read-2015167
"""

import torch
from benchdata import rare
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 64, "epochs": 10}
train_data, val_data = rare()
WEIGHT = None  # FAULT
# REPAIR WEIGHT = torch.tensor(45.0)
loss = nn.BCEWithLogitsLoss(pos_weight=WEIGHT)


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)
