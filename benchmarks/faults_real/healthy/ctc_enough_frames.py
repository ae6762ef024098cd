"""CTC with three frames for each label."""

import torch
import torch.nn.functional as F
from torch import nn

settings = {"optimizer": "Adam", "lr": 1e-2, "batch_size": 32, "epochs": 15}
_g = torch.Generator().manual_seed(0)
_y = torch.randint(1, 6, (500, 5), generator=_g)
_x = torch.eye(6)[_y].repeat_interleave(3, 1) + 0.3 * torch.randn(500, 15, 6, generator=_g)
train_data, val_data = (_x[:400], _y[:400]), (_x[400:], _y[400:])


def model():
    return nn.Sequential(nn.Conv1d(6, 24, 3, padding=1), nn.ReLU(), nn.Conv1d(24, 7, 3, padding=1))


def training_step(model, batch):
    x, y = batch
    scores = model(x.transpose(1, 2)).permute(2, 0, 1).log_softmax(2)
    return F.ctc_loss(scores, y, torch.full((len(x),), len(scores)), torch.full((len(x),), y.shape[1]))
