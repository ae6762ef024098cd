"""Batches (B, T, 1) go into an LSTM that takes (T, B, 1): it runs over the examples, not over time.

Cause: examples mixed
Source: forum threads on batch_first; https://github.com/pytorch/pytorch/issues/2032
"""

from benchdata import waves
from torch import nn

settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 64, "epochs": 8}
loss = nn.MSELoss()
train_data, val_data = waves()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(1, 16)  # FAULT
        # REPAIR self.rnn = nn.LSTM(1, 16, batch_first=True)
        self.head = nn.Linear(16, 1)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])
