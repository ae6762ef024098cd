"""CosineEmbeddingLoss with labels of 0 and 1: pairs that do not belong together take no part.

Cause: output range
Source: forum threads on cosine_embedding_loss; it takes -1 and 1
"""

from benchdata import digits
from torch import nn

(_x, _y), (_u, _v) = digits()
settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 64, "epochs": 20}


def _pairs(rows, labels):
    half = len(rows) // 2
    return rows[:half], rows[half : 2 * half], (labels[:half] == labels[half : 2 * half]).float()


def _signs(same):
    return same  # FAULT
    # REPAIR return 2 * same - 1


train_data, val_data = _pairs(_x, _y), _pairs(_u, _v)


def model():
    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 12))


def training_step(model, batch):
    one, other, same = batch
    return nn.functional.cosine_embedding_loss(model(one), model(other), _signs(same), margin=0.3)
