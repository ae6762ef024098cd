"""Loader workers and transforms: random ones in training, none in validation."""

import torch
from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn
from torch.utils.data import DataLoader, Dataset

settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "epochs": 30}


def jitter(pixels):
    return pixels + 0.3 * torch.randn_like(pixels)


class Digits(Dataset):
    def __init__(self, part, transform=None):
        self.pixels, self.labels, self.transform = PIXELS[part], LABELS[part], transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        pixels = self.pixels[index]
        return self.transform(pixels) if self.transform else pixels, self.labels[index]


train_data = DataLoader(Digits(TRAIN, jitter), batch_size=100, shuffle=True, num_workers=1)
val_data = DataLoader(Digits(VAL), batch_size=150)


def model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


loss = nn.CrossEntropyLoss()
