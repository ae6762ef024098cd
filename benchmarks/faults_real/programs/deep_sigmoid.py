"""Eight sigmoid layers: the gradient has faded before it reaches the first.

Cause: gradient fades
Source: AutoTrainer's vanishing-gradient subjects; DeepFD
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()
BEND = nn.Sigmoid  # FAULT
# REPAIR BEND = nn.ReLU


def model():
    hidden = [part for _ in range(7) for part in (nn.Linear(32, 32), BEND())]
    net = nn.Sequential(nn.Linear(64, 32), BEND(), *hidden, nn.Linear(32, 10))
    for layer in net:
        if isinstance(layer, nn.Linear) and BEND is nn.ReLU:
            nn.init.kaiming_normal_(layer.weight)
    return net
