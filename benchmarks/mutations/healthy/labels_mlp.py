"""Several labels for an example: word counts of made documents, binary cross-entropy, AdamW, cosine."""

import torch
from sklearn.datasets import make_multilabel_classification
from torch import nn

_counts, _labels = make_multilabel_classification(2000, n_features=40, n_classes=8, n_labels=3, random_state=0)
_inputs = torch.tensor(_counts, dtype=torch.float32)
_inputs = (_inputs - _inputs[:1500].mean(0)) / _inputs[:1500].std(0)
_targets = torch.tensor(_labels, dtype=torch.float32)

settings = {
    "optimizer": "AdamW",
    "lr": 5e-3,
    "weight_decay": 0.1,
    "batch_size": 32,
    "epochs": 12,
    "schedule": {"name": "CosineAnnealingLR", "T_max": 552},
}
loss = nn.BCEWithLogitsLoss()


def model():
    return nn.Sequential(nn.Linear(40, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 8))


def train_data():
    return _inputs[:1500], _targets[:1500]


def val_data():
    return _inputs[1500:], _targets[1500:]
