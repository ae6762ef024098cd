"""Do both halves of a sequence share a topic? L2 inside Adam keeps a small transformer from learning it."""

import torch
from torch import nn

settings = {"optimizer": "Adam", "lr": 2e-3, "weight_decay": 0.01, "batch_size": 32, "epochs": 8}
loss = nn.CrossEntropyLoss()
_rng = torch.Generator().manual_seed(0)
_topic = torch.randint(4, (2000,), generator=_rng)
_same = torch.rand(2000, generator=_rng) < 0.5
_other = torch.where(_same, _topic, (_topic + torch.randint(1, 4, (2000,), generator=_rng)) % 4)
_x = torch.cat([half[:, None] * 4 + torch.randint(4, (2000, 4), generator=_rng) for half in (_topic, _other)], 1)
train_data, val_data = (_x[:1600], _same[:1600].long()), (_x[1600:], _same[1600:].long())


class model(nn.Module):
    """One layer of attention, then the mean."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.place = nn.Embedding(16, 32), nn.Parameter(0.02 * torch.randn(8, 32))
        self.body = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
        self.head = nn.Linear(32, 2)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(self.embed(tokens) + self.place).mean(1))
