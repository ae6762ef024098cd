"""A pretrained backbone that is frozen, given as an instance with its weights; only the head learns."""

import torch
from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 40, "epochs": 12}
train_data, val_data = (PIXELS[TRAIN], LABELS[TRAIN]), (PIXELS[VAL], LABELS[VAL])

torch.manual_seed(0)
backbone = nn.Sequential(nn.Linear(64, 100), nn.ReLU())
backbone.requires_grad_(False)
model = nn.Sequential(backbone, nn.Linear(100, 10))
