"""SGD at 1e-5 on a small net: it looks as if nothing were learned.

Cause: rate too low
Source: DeepFD benchmark, "lr" subjects; https://chenzhang.org/notes/developer/loss-and-accuracy-get-stuck-in-keras
"""

from benchdata import digits
from torch import nn

LR = 1e-5  # FAULT
# REPAIR LR = 0.1
settings = {"optimizer": "SGD", "lr": LR, "momentum": 0.9, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


def model():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
