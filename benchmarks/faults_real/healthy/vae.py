"""A variational autoencoder by its training_step: the loss is a sum, random in training."""

import torch
import torch.nn.functional as F
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 64, "epochs": 12}
train_data, val_data = [(x,) for x, _ in digits()]


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.outer = nn.Linear(64, 48), nn.Linear(6, 48)
        self.stats, self.back = nn.Linear(48, 12), nn.Linear(48, 64)

    def forward(self, x):
        mean, log_var = self.stats(torch.relu(self.inner(x))).chunk(2, 1)
        z = mean + torch.randn_like(mean) * (log_var / 2).exp()
        return torch.sigmoid(self.back(torch.relu(self.outer(z)))), mean, log_var


def training_step(model, batch):
    back, mean, log_var = model(batch[0])
    divergence = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum(1).mean()
    return F.binary_cross_entropy(back, batch[0], reduction="none").sum(1).mean() + divergence
