"""A DataLoader with its own collate function over raw examples (numpy arrays and text labels)."""

import numpy as np
import torch
from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn
from torch.utils.data import DataLoader

settings = {"optimizer": "SGD", "lr": 0.02, "momentum": 0.9, "epochs": 12}


def examples(part):
    return [(np.asarray(x), f"digit {int(y)}") for x, y in zip(PIXELS[part], LABELS[part], strict=True)]


def collate(items):
    inputs = torch.from_numpy(np.stack([x for x, _ in items]))
    return inputs, torch.tensor([int(text.split()[1]) for _, text in items])


train_data = DataLoader(examples(TRAIN), batch_size=40, shuffle=True, collate_fn=collate)
val_data = DataLoader(examples(VAL), batch_size=100, collate_fn=collate)


def model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


loss = nn.CrossEntropyLoss()
