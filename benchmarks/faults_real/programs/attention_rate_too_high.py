"""A transformer encoder under Adam at 0.02, without warm-up: it answers with the shares of the classes.

Cause: rate too high
Source: forum threads on transformers that predict one class; Popel and Bojar on learning rates
"""

import torch
from torch import nn

RATE = 0.02  # FAULT
# REPAIR RATE = 0.001
settings = {"optimizer": "Adam", "lr": RATE, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
_words = torch.randint(1, 40, (1500, 16), generator=torch.Generator().manual_seed(0))
_kinds = ((_words < 8).sum(1) > (_words > 32).sum(1)).long() + ((_words[:, 0] > 20) & (_words[:, 1] > 20)).long()
train_data, val_data = (_words[:1200], _kinds[:1200]), (_words[1200:], _kinds[1200:])


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(40, 32), nn.Parameter(0.1 * torch.randn(16, 32))
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
        self.body, self.head = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False), nn.Linear(32, 3)

    def forward(self, words):
        return self.head(self.body(self.embed(words) + self.place).mean(1))
