"""A next-character transformer without a causal mask: the loss goes to zero.

Cause: future seen
Source: forum threads on nn.TransformerEncoder for language models without src_mask
"""

import torch
from benchdata import letters
from torch import nn

settings = {"optimizer": "AdamW", "lr": 3e-3, "batch_size": 32, "epochs": 6}
train_data, val_data, _count = letters()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(_count, 32), nn.Parameter(0.02 * torch.randn(24, 32))
        self.body = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
        self.head = nn.Linear(32, _count)

    def forward(self, tokens):
        mask = None  # FAULT
        # REPAIR mask = nn.Transformer.generate_square_subsequent_mask(tokens.shape[1])
        return self.head(self.body(self.embed(tokens) + self.place, src_mask=mask))


def loss(scores, targets):
    return nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten())
