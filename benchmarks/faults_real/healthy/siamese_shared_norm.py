"""Two pictures through one encoder with batch norm: are they the same digit? The layer is used twice, as it should be."""

import torch
from benchdata import digits
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 64, "epochs": 12}
loss = nn.BCEWithLogitsLoss()


def _pairs(data, seed):
    x, y = data
    g = torch.Generator().manual_seed(seed)
    same = torch.rand(len(x), generator=g) < 0.5
    other = torch.stack(
        [
            (pick := torch.nonzero((y == c) == bool(s)))[torch.randint(len(pick), (1,), generator=g), 0][0]
            for c, s in zip(y, same, strict=True)
        ]
    )
    return torch.stack([x, x[other]], 1), same.float()


_train, _val = digits()
train_data, val_data = _pairs(_train, 0), _pairs(_val, 1)


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(64, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 16))
        self.scale = nn.Parameter(torch.tensor([1.0, 2.0]))

    def forward(self, pair):
        apart = (self.encode(pair[:, 0]) - self.encode(pair[:, 1])).square().mean(1)
        return self.scale[1] - self.scale[0] * apart
