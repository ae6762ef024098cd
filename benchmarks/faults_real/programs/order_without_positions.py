"""Which of two tokens comes first? A transformer without positions cannot tell.

Cause: order not seen
Source: forum threads on nn.TransformerEncoder without positional encoding
"""

import torch
from benchdata import which_first
from torch import nn

settings = {"optimizer": "AdamW", "lr": 2e-3, "batch_size": 64, "epochs": 12}
loss = nn.CrossEntropyLoss()
train_data, val_data = which_first()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(12, 24), nn.Parameter(0.3 * torch.randn(12, 24))
        self.body = nn.TransformerEncoderLayer(24, 4, 48, dropout=0.0, batch_first=True)
        self.head = nn.Linear(24, 2)

    def forward(self, tokens):
        x = self.embed(tokens)
        # REPAIR x = x + self.place
        return self.head(self.body(x).mean(1))
