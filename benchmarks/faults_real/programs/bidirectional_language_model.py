"""A next-character model whose GRU reads both ways.

Cause: future seen
Source: forum threads on bidirectional LSTMs for text generation
"""

from benchdata import letters
from torch import nn

settings = {"optimizer": "Adam", "lr": 5e-3, "batch_size": 32, "epochs": 6}
train_data, val_data, _count = letters()
BOTH = True  # FAULT
# REPAIR BOTH = False


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(_count, 16)
        self.rnn = nn.GRU(16, 24, batch_first=True, bidirectional=BOTH)
        self.head = nn.Linear(24 * (1 + BOTH), _count)

    def forward(self, tokens):
        return self.head(self.rnn(self.embed(tokens))[0])


def loss(scores, targets):
    return nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten())
