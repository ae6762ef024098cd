"""A causal character transformer with tied weights."""

import torch
from benchdata import letters
from torch import nn

settings = {"optimizer": "AdamW", "lr": 3e-3, "weight_decay": 0.01, "batch_size": 32, "epochs": 8}
train_data, val_data, _count = letters()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(_count, 32), nn.Parameter(0.02 * torch.randn(24, 32))
        self.body = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.head = nn.Linear(32, _count, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, tokens):
        mask = nn.Transformer.generate_square_subsequent_mask(tokens.shape[1])
        return self.head(self.body(self.embed(tokens) + self.place, src_mask=mask, is_causal=True))


def loss(scores, targets):
    return nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten())
