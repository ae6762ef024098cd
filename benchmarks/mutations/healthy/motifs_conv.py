"""Which of four short motifs a made sequence of tokens holds: embedding and convolution, AdamW, cosine."""

import torch
from torch import nn

_generator = torch.Generator().manual_seed(0)
_targets = torch.randint(4, (2000,), generator=_generator)
_motifs = torch.tensor([[1, 2, 3], [3, 2, 1], [1, 3, 2], [2, 1, 3]])
_inputs = torch.randint(12, (2000, 24), generator=_generator)
_places = torch.randint(22, (2000, 1), generator=_generator) + torch.arange(3)
_inputs = _inputs.scatter(1, _places, _motifs[_targets])

settings = {
    "optimizer": "AdamW",
    "lr": 1e-2,
    "weight_decay": 0.01,
    "batch_size": 32,
    "epochs": 12,
    "schedule": {"name": "CosineAnnealingLR", "T_max": 564},
}
loss = nn.CrossEntropyLoss()


class Finder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(12, 16)
        self.search = nn.Sequential(nn.Conv1d(16, 32, 3), nn.ReLU())
        self.head = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 4))

    def forward(self, tokens):
        return self.head(self.search(self.embed(tokens).transpose(1, 2)).amax(2))


def model():
    return Finder()


def train_data():
    return _inputs[:1500], _targets[:1500]


def val_data():
    return _inputs[1500:], _targets[1500:]
