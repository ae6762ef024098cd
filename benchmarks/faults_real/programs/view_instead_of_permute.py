"""Rows of pixels as a sequence by view() where permute() was meant: rows of different pictures end up in one sequence.

Cause: examples mixed
Source: forum threads "view vs permute"; http://karpathy.github.io/2019/04/25/recipe/ (use backprop to chart dependencies)
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 32, "epochs": 10}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.GRU(8, 24), nn.Linear(24, 10)

    def forward(self, x):
        rows = x.view(8, -1, 8)  # FAULT
        # REPAIR rows = x.view(-1, 8, 8).permute(1, 0, 2)
        return self.head(self.rnn(rows)[0][-1])
