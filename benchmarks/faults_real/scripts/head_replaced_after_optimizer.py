"""The optimizer is built before the last layer is replaced.

Cause: optimizer built too early
Source: forum threads on fine-tuning: new head not in the optimizer; https://github.com/pytorch/pytorch/issues/104336
"""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

digits = load_digits()
x, y = torch.tensor(digits.data).float() / 16, torch.tensor(digits.target)
train_loader = DataLoader(TensorDataset(x[:1400], y[:1400]), batch_size=32, shuffle=True)
val_loader = DataLoader(TensorDataset(x[1400:], y[1400:]), batch_size=256)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Sequential(nn.Linear(64, 64), nn.ReLU()), nn.Linear(64, 1000)

    def forward(self, inputs):
        return self.head(self.body(inputs))


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)  # FAULT
model.head = nn.Linear(64, 10)
# REPAIR optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(10):
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
