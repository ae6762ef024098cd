"""Is a review good? One layer of attention over 96 words, AdamW; overfits."""

import torch
from _data import imdb as load
from torch import nn

settings = {"optimizer": "AdamW", "lr": 5e-4, "weight_decay": 0.01, "batch_size": 32, "epochs": 6}
loss = nn.CrossEntropyLoss()


class Net(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.e = nn.Embedding(8000, d, padding_idx=0)
        self.q = nn.Parameter(torch.randn(96, d) * 0.02)
        self.t = nn.TransformerEncoderLayer(d, 2, 64, 0.1, batch_first=True)
        self.o = nn.Linear(d, 2)

    def forward(self, x):
        h = self.t(self.e(x) + self.q[: x.shape[1]])
        k = (x > 0).float().unsqueeze(2)
        return self.o((h * k).sum(1) / k.sum(1).clamp(min=1))


model = Net
train_data, val_data, test_data = load()
