"""One example in ten is of the second class: made data, two scores, RMSprop, cosine."""

import torch
from sklearn.datasets import make_classification
from torch import nn

_features, _labels = make_classification(
    2400, 16, n_informative=8, weights=[0.9], class_sep=1.5, flip_y=0.0, random_state=0
)
_inputs = torch.tensor(_features, dtype=torch.float32)
_inputs = (_inputs - _inputs[:1800].mean(0)) / _inputs[:1800].std(0)
_targets = torch.tensor(_labels)

settings = {
    "optimizer": "RMSprop",
    "lr": 1e-3,
    "weight_decay": 1e-4,
    "batch_size": 32,
    "epochs": 15,
    "schedule": {"name": "CosineAnnealingLR", "T_max": 840},
}
loss = nn.CrossEntropyLoss()


def model():
    return nn.Sequential(
        nn.Linear(16, 32),
        nn.ReLU(),
        nn.Linear(32, 32),
        nn.ReLU(),
        nn.Linear(32, 2),
    )


def train_data():
    return _inputs[:1800], _targets[:1800]


def val_data():
    return _inputs[1800:], _targets[1800:]
