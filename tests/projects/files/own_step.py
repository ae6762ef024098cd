"""training_step with full control: two losses, an auxiliary head, noise on the inputs."""

import torch
from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 40, "epochs": 12}
train_data, val_data = (PIXELS[TRAIN], LABELS[TRAIN]), (PIXELS[VAL], LABELS[VAL])


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.digit, self.parity = nn.Linear(64, 32), nn.Linear(32, 10), nn.Linear(32, 2)

    def features(self, x):
        return self.body(x).relu()


def training_step(model, batch):
    inputs, targets = batch
    if model.training:
        inputs = inputs + 0.1 * torch.randn_like(inputs)
    features = model.features(inputs)
    main = nn.functional.cross_entropy(model.digit(features), targets)
    return main + 0.3 * nn.functional.cross_entropy(model.parity(features), targets % 2)
