"""Softmax and NLLLoss: the loss lies between -1 and 0, and learns slowly.

Cause: loss takes other outputs
Source: https://runebook.dev/en/articles/pytorch/generated/torch.nn.softmax (softmax with NLLLoss)
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 32, "epochs": 12}
loss = nn.NLLLoss()
train_data, val_data = digits()


def model():
    last = nn.Softmax(1)  # FAULT
    # REPAIR last = nn.LogSoftmax(1)
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10), last)
