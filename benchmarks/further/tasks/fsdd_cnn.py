"""Spoken digits as spectra: a small CNN with batch norm and dropout, AdamW."""

from _data import fsdd as load
from torch import nn

settings = {"optimizer": "AdamW", "lr": 1e-3, "weight_decay": 0.01, "batch_size": 32, "epochs": 10}
loss = nn.CrossEntropyLoss()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.b = nn.Sequential(
            nn.Conv2d(1, 16, 3, 2, 1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, 2, 1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, 2, 1),
            nn.ReLU(),
        )
        self.d = nn.Dropout(0.3)
        self.o = nn.Linear(32, 10)

    def forward(self, x):
        return self.o(self.d(self.b(x).mean((2, 3))))


model = Net
train_data, val_data, test_data = load()
