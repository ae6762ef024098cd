"""The decoder's input is a tensor of zeros, and the encoded sequence is not passed on: one answer for all.

Cause: inputs ignored
Source: https://openillumi.com/en/en-pytorch-transformer-multidim-output-same-fix
"""

import torch
from benchdata import waves
from torch import nn

settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 64, "epochs": 8}
loss = nn.MSELoss()
train_data, val_data = waves()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.GRU(1, 16, batch_first=True)
        self.decode, self.head = nn.GRU(1, 16, batch_first=True), nn.Linear(16, 1)

    def forward(self, x):
        _, state = self.encode(x)
        state = torch.zeros_like(state)  # FAULT
        out, _ = self.decode(torch.zeros(len(x), 1, 1), state)
        return self.head(out[:, -1])
