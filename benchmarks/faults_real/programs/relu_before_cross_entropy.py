"""A ReLU after the last layer of a classifier: no score can be negative, and units of a class die.

Cause: output range
Source: DeepLocalize and DeepFD, "wrong activation of the last layer" (https://github.com/ArabelaTso/DeepFD)
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
        self.first, self.second = nn.Linear(64, 48), nn.Linear(48, 10)

    def forward(self, x):
        x = torch.relu(self.first(x))
        return torch.relu(self.second(x))  # FAULT
        # REPAIR return self.second(x)
