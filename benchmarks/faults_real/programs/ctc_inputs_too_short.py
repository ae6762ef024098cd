"""CTC on seven frames for up to nine labels: the loss of those examples is infinite, and zero_infinity hides it.

Cause: ctc lengths
Source: https://pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html; issue threads on ctc_loss that is inf or zero
"""

import torch
import torch.nn.functional as F
from torch import nn

settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 32, "epochs": 15}
_g = torch.Generator().manual_seed(0)
_y = torch.randint(1, 6, (600, 9), generator=_g)
_x = torch.eye(6)[_y].repeat_interleave(2, 1) + 0.3 * torch.randn(600, 18, 6, generator=_g)
train_data, val_data = (_x[:480], _y[:480]), (_x[480:], _y[480:])
STRIDE = 3  # FAULT
# REPAIR STRIDE = 1


def model():
    return nn.Conv1d(6, 7, 3, stride=STRIDE, padding=1)


def training_step(model, batch):
    x, y = batch
    scores = model(x.transpose(1, 2)).permute(2, 0, 1).log_softmax(2)
    frames, labels = torch.full((len(x),), len(scores)), torch.full((len(x),), y.shape[1])
    return F.ctc_loss(scores, y, frames, labels, zero_infinity=True)
