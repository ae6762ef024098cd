"""The encoder's output is detached before the head: only the head is trained.

Cause: no gradient
Source: forum threads on .data and .detach() in forward()
"""

from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = digits(images=True)


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(128, 8), nn.ReLU()
        )
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        x = self.encoder(x).detach()  # FAULT
        # REPAIR x = self.encoder(x)
        return self.head(x)
