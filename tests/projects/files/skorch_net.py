"""A skorch classifier: module, criterion and arguments in one object, data as X and y."""

import torch
from digits_data import LABELS, PIXELS, TRAIN
from skorch import NeuralNetClassifier
from skorch.callbacks import GradientNormClipping
from torch import nn


class Digits(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10), nn.Softmax(-1))

    def forward(self, X):
        return self.body(X)


X, y = PIXELS[TRAIN].numpy(), LABELS[TRAIN].numpy()
net = NeuralNetClassifier(
    Digits,
    module__width=32,
    optimizer=torch.optim.SGD,
    optimizer__momentum=0.9,
    lr=0.01,
    batch_size=40,
    max_epochs=12,
    iterator_train__shuffle=True,
    callbacks=[GradientNormClipping(2.0)],
)
