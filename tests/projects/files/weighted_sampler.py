"""Imbalanced classes, evened out by a WeightedRandomSampler and judged by balanced accuracy."""

import torch
from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

settings = {"optimizer": "SGD", "lr": 0.02, "momentum": 0.9, "epochs": 12}

rare = LABELS[TRAIN] % 5 == 0
kept = (~rare) | (torch.arange(600) % 6 == 0)
inputs, targets = PIXELS[TRAIN][kept], LABELS[TRAIN][kept]
weights = 1.0 / torch.bincount(targets, minlength=10)[targets]
sampler = WeightedRandomSampler(weights.tolist(), num_samples=len(targets))
train_data = DataLoader(TensorDataset(inputs, targets), batch_size=32, sampler=sampler)
val_data = TensorDataset(PIXELS[VAL], LABELS[VAL])


def model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def metric(outputs, targets):
    """Balanced accuracy."""
    hit = (outputs.argmax(1) == targets).float()
    return torch.stack([hit[targets == k].mean() for k in range(10) if (targets == k).any()]).mean()
