"""Few noisy examples, many weights, many epochs."""

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

_inputs, _labels = load_breast_cancer(return_X_y=True)
_random = torch.Generator().manual_seed(0)
_order = torch.randperm(len(_labels), generator=_random)
_inputs = torch.tensor(_inputs, dtype=torch.float32)[_order]
_inputs = (_inputs - _inputs.mean(0)) / _inputs.std(0)
_flip = torch.rand(len(_labels), generator=_random) < 0.2
_labels = torch.where(_flip, 1 - torch.tensor(_labels)[_order], torch.tensor(_labels)[_order])
train_data, val_data = (_inputs[:200], _labels[:200]), (_inputs[200:], _labels[200:])
settings = {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 16, "epochs": 200}


def model():
    return nn.Sequential(nn.Linear(30, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 2))
