"""Six classes of two clusters each: made data, dropout, RMSprop, constant rate."""

import torch
from sklearn.datasets import make_classification
from torch import nn

_features, _labels = make_classification(
    2400, 20, n_informative=10, n_classes=6, n_clusters_per_class=2, class_sep=2.0, flip_y=0.0, random_state=1
)
_inputs = torch.tensor(_features, dtype=torch.float32)
_inputs = (_inputs - _inputs[:1800].mean(0)) / _inputs[:1800].std(0)
_targets = torch.tensor(_labels)

settings = {"optimizer": "RMSprop", "lr": 3e-3, "batch_size": 32, "epochs": 20}
loss = nn.CrossEntropyLoss()


def model():
    return nn.Sequential(
        nn.Linear(20, 64),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 6),
    )


def train_data():
    return _inputs[:1800], _targets[:1800]


def val_data():
    return _inputs[1800:], _targets[1800:]
