"""Adam at 0.5.

Cause: rate too high
Source: https://discuss.pytorch.org/t/cross-entropy-loss-is-not-decreasing/43814/16 (use a smaller rate); AutoTrainer's oscillating loss
"""

from benchdata import digits
from torch import nn

LR = 0.5  # FAULT
# REPAIR LR = 0.002
settings = {"optimizer": "Adam", "lr": LR, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits(images=True)


def model():
    return nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(192, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )
