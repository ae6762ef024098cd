"""A small easy task, where little matters."""

import torch
from sklearn.datasets import load_wine
from torch import nn

_inputs, _labels = load_wine(return_X_y=True)
_order = torch.randperm(len(_labels), generator=torch.Generator().manual_seed(0))
_inputs = torch.tensor(_inputs, dtype=torch.float32)[_order]
_inputs = (_inputs - _inputs.mean(0)) / _inputs.std(0)
_labels = torch.tensor(_labels)[_order]
train_data, val_data = (_inputs[:130], _labels[:130]), (_inputs[130:], _labels[130:])
settings = {"optimizer": "Adam", "lr": 0.01, "batch_size": 16, "epochs": 200}


def model():
    return nn.Linear(13, 3)
