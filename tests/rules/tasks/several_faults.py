"""A shared batch norm, a softmax over the batch, a frozen output layer, strong dropout, raw validation data."""

import digits
import torch
from torch import nn

train_data, val_data = digits.parts()
val_data = (16 * val_data[0], val_data[1])
loss = nn.CrossEntropyLoss()
settings = digits.settings(epochs=20)


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.head = nn.Linear(64, 32), nn.Linear(32, 32), nn.Linear(32, 10)
        self.norm, self.drop = nn.BatchNorm1d(32), nn.Dropout(0.95)
        self.head.requires_grad_(False)

    def forward(self, x):
        x = torch.relu(self.norm(self.first(5 * x)))
        x = self.drop(torch.relu(self.norm(self.second(x) / 5)))
        return self.head(x * x.softmax(0))
