"""Hidden layers in a plain list: parameters() does not know them.

Cause: weights outside parameters
Source: forum answers on nn.ModuleList, e.g. https://discuss.pytorch.org/t/the-difference-of-modulelist-and-python-list
"""

import torch
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(64, 24), nn.Linear(24, 24)]  # FAULT
        # REPAIR self.hidden = nn.ModuleList([nn.Linear(64, 24), nn.Linear(24, 24)])
        self.head = nn.Linear(24, 10)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.head(x)
