"""Transfer: a frozen random body stands for a pretrained one, and a new head is trained."""

from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 32, "epochs": 15}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits()


def model():
    body = nn.Sequential(nn.Linear(64, 256), nn.ReLU()).requires_grad_(False)
    return nn.Sequential(body, nn.Linear(256, 10))
