"""A tagger whose short sentences are padded to 24 places that all count."""

import torch
from torch import nn

_g = torch.Generator().manual_seed(0)
_inside = torch.arange(24) < torch.randint(3, 9, (400, 1), generator=_g)
_words = torch.randint(1, 40, (400, 24), generator=_g) * _inside
_tags = (1 + _words % 3) * _inside
train_data, val_data = (_words[:320], _tags[:320]), (_words[320:], _tags[320:])
settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 32, "epochs": 10}


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Embedding(40, 8), nn.Linear(8, 4)

    def forward(self, words):
        return self.head(self.embed(words))


def loss(scores, tags):
    return nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten())
