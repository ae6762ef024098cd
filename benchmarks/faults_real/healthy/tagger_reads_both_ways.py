"""Tags for each token by a bidirectional GRU: it may see the whole row, as the tags are no later tokens."""

import torch
from torch import nn

settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 32, "epochs": 10}
_g = torch.Generator().manual_seed(0)
_x = torch.randint(12, (700, 16), generator=_g)
_y = (_x > _x.roll(1, 1)).long() + (_x > _x.roll(-1, 1)).long()
train_data, val_data = (_x[:560], _y[:560]), (_x[560:], _y[560:])


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Embedding(12, 16), nn.Linear(64, 3)
        self.rnn = nn.GRU(16, 32, batch_first=True, bidirectional=True)

    def forward(self, tokens):
        return self.head(self.rnn(self.embed(tokens))[0])


def loss(scores, targets):
    return nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten())
