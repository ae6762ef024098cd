"""Twelve hours of seven series from the last two days: an LSTM that adds to the last value."""

from _data import ett as load
from torch import nn

settings = {"optimizer": "AdamW", "lr": 1e-3, "weight_decay": 0.01, "batch_size": 64, "epochs": 10}
loss = nn.MSELoss()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.LSTM(7, 48, batch_first=True)
        self.o = nn.Linear(48, 84)

    def forward(self, x):
        return self.o(self.l(x)[0][:, -1]).reshape(-1, 12, 7) + x[:, -1:]


model = Net
train_data, val_data, test_data = load()
