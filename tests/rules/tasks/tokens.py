"""Sequences of pixel levels as tokens, with an embedding."""

import digits
from torch import nn


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(17, 8)
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(512, 10))

    def forward(self, tokens):
        return self.body(self.table(tokens))


train_data, val_data = digits.parts((digits.INPUTS * 16).long())
settings = {"optimizer": "AdamW", "lr": 1e-3, "batch_size": 32, "epochs": 20, "schedule": "cosine"}
