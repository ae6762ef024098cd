"""A network and a slow copy of it that gets no gradient and follows by exponential average; the copy's scores are a second target."""

import copy

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 64, "epochs": 15}
_d = load_digits()
_x, _y = torch.tensor(_d.data).float() / 16, torch.tensor(_d.target)
train_data, val_data = (_x[:1400], _y[:1400]), (_x[1400:], _y[1400:])


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.student = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        self.teacher = copy.deepcopy(self.student).requires_grad_(False)

    def forward(self, x):
        return self.student(x)


def training_step(model, batch):
    x, y = batch
    scores = model(x)
    value = F.cross_entropy(scores, y)
    if model.training:
        with torch.no_grad():
            for slow, fast in zip(model.teacher.parameters(), model.student.parameters(), strict=True):
                slow.lerp_(fast, 0.02)
            target = model.teacher(x).softmax(1)
        noisy = model(x + 0.1 * torch.randn_like(x))
        value = value + 0.5 * F.mse_loss(noisy.softmax(1), target)
    return value
