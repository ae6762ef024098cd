"""Two inputs in a tuple of their own, ((image, brightness), target), and a dict of outputs."""

import torch
from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 40, "epochs": 12}


def examples(part):
    return [((x, x.mean().reshape(1)), y) for x, y in zip(PIXELS[part], LABELS[part], strict=True)]


train_data, val_data = examples(TRAIN), examples(VAL)


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(65, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, image, brightness):
        return {"logits": self.body(torch.cat([image, brightness], 1)), "brightness": brightness}


loss = nn.functional.cross_entropy
