"""Batches are objects of the project's own that move themselves; a training_step has full control."""

import torch
from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "epochs": 12}


class Batch:
    def __init__(self, items):
        self.pixels = torch.stack([x for x, _ in items])
        self.answers = torch.stack([y for _, y in items])
        self.moved = False

    def to(self, device):
        self.pixels, self.answers, self.moved = self.pixels.to(device), self.answers.to(device), True
        return self


train_data = DataLoader(TensorDataset(PIXELS[TRAIN], LABELS[TRAIN]), 40, shuffle=True, collate_fn=Batch)
val_data = DataLoader(TensorDataset(PIXELS[VAL], LABELS[VAL]), 40, collate_fn=Batch)


def model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def training_step(model, batch):
    assert batch.moved
    noise = 0.1 * torch.randn_like(batch.pixels) if model.training else 0.0
    logits = model(batch.pixels + noise)
    return {
        "loss": nn.functional.cross_entropy(logits, batch.answers),
        "logits": logits.detach(),
        "targets": batch.answers,
    }
