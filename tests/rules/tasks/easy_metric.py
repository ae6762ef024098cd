"""A task so easy that a metric of the user's own reaches its best at every rate tried."""

import wine
from torch import nn

train_data, val_data = wine.train_data, wine.val_data
settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 16, "epochs": 200}


def metric(outputs, targets):
    """Share of examples whose class is among the two largest scores."""
    return (outputs.topk(2).indices == targets[:, None]).any(1).float().mean()


metric.higher_is_better = True


def model():
    return nn.Sequential(nn.Linear(13, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
