"""Income from 108 columns: a residual network with batch norm, AdamW."""

from _data import adult as load
from torch import nn

settings = {"optimizer": "AdamW", "lr": 3e-3, "weight_decay": 0.0, "batch_size": 128, "epochs": 12}
loss = nn.BCEWithLogitsLoss()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        w = load()[0].tensors[0].shape[1]
        self.i = nn.Linear(w, 64)
        self.b = nn.ModuleList(
            nn.Sequential(nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 64), nn.Dropout(0.1)) for _ in range(3)
        )
        self.o = nn.Linear(64, 1)

    def forward(self, x):
        h = self.i(x)
        for b in self.b:
            h = h + b(h)
        return self.o(h)


model = Net
train_data, val_data, test_data = load()
