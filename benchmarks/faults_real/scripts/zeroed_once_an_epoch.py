"""zero_grad stands before the batch loop.

Cause: gradients not zeroed
Source: https://github.com/SharifiZarchi/Introduction_to_Machine_Learning/issues/55 and forum threads on its place
"""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

digits = load_digits()
x, y = torch.tensor(digits.data).float() / 16, torch.tensor(digits.target)
train_loader = DataLoader(TensorDataset(x[:1400], y[:1400]), batch_size=32, shuffle=True)
val_loader = DataLoader(TensorDataset(x[1400:], y[1400:]), batch_size=256)


def train_epoch(model, optimizer, criterion):
    model.train()
    optimizer.zero_grad()  # FAULT
    for inputs, targets in train_loader:
        # REPAIR optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()


net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(10):
    train_epoch(net, opt, nn.CrossEntropyLoss())
