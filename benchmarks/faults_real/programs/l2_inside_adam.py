"""Adam with weight_decay=0.1, meant as the decoupled decay of AdamW.

Cause: decay too large
Source: forum threads on weight_decay in Adam; https://arxiv.org/abs/1711.05101
"""

from benchdata import digits
from torch import nn

DECAY = 0.3  # FAULT
# REPAIR DECAY = 1e-5
settings = {"optimizer": "Adam", "lr": 2e-3, "weight_decay": DECAY, "batch_size": 32, "epochs": 15}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


def model():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
