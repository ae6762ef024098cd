"""A tagger over short sentences padded to 40 places; the padding has a tag of its own, and counts.

Cause: padding counts
Source: LaTeX-OCR issue 305 (pad token 0, ignore_index left at -100); gpt-neo pull request 45
"""

import torch
from torch import nn

_g = torch.Generator().manual_seed(0)
_inside = torch.arange(40) < torch.randint(3, 10, (1200, 1), generator=_g)
_words = torch.randint(1, 100, (1200, 40), generator=_g) * _inside
_before = torch.cat([torch.zeros(1200, 1, dtype=torch.long), _words[:, :-1]], 1)
_tags = (1 + (_words + _before) % 5) * _inside
train_data, val_data = (_words[:1000], _tags[:1000]), (_words[1000:], _tags[1000:])
settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 32, "epochs": 8}
FILLER = -100  # FAULT
# REPAIR FILLER = 0


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.rnn, self.head = nn.Embedding(100, 16), nn.GRU(16, 24, batch_first=True), nn.Linear(24, 6)

    def forward(self, words):
        return self.head(self.rnn(self.embed(words))[0])


def loss(scores, tags):
    return nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten(), ignore_index=FILLER)
