"""A small language model whose batches are cut out of one long text: no data set, no loader, the loss in forward."""

import torch
from torch import nn

TEXT = torch.tensor([(i * i // 7 + i // 3) % 12 for i in range(4000)])
settings = {"optimizer": "AdamW", "lr": 1e-4, "betas": (0.9, 0.95), "steps": 300, "clip_grad_norm": 1.0}


def get_batch(source):
    starts = torch.randint(len(source) - 17, (16,))
    chunks = torch.stack([source[i : i + 17] for i in starts])
    return chunks[:, :-1], chunks[:, 1:]


def train_data():
    while True:
        yield get_batch(TEXT[:3500])


def val_data():
    while True:
        yield get_batch(TEXT[3500:])


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.rnn, self.head = nn.Embedding(12, 24), nn.GRU(24, 24, batch_first=True), nn.Linear(24, 12)

    def forward(self, idx, targets=None):
        logits = self.head(self.rnn(self.embed(idx))[0])
        if targets is None:
            return logits, None
        return logits, nn.functional.cross_entropy(logits.view(-1, 12), targets.reshape(-1))
