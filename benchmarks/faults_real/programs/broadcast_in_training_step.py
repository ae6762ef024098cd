"""The same inside a training_step: an LSTM that gives (B,), targets (B, 1), torch's own mse_loss.

Cause: broadcast
Source: PyTorch's warning "Using a target size that is different to the input size"; forum threads on an LSTM that learns the mean
"""

import torch.nn.functional as F
from benchdata import waves
from torch import nn

settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 64, "epochs": 8}
train_data, val_data = waves()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.LSTM(1, 16, batch_first=True), nn.Linear(16, 1)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1]).squeeze(1)


def training_step(model, batch):
    x, y = batch
    return F.mse_loss(model(x), y)  # FAULT
    # REPAIR return F.mse_loss(model(x), y.squeeze(1))
