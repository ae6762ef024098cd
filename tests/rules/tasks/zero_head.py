"""An output layer that starts at zero on purpose: sound, though its first outputs are all equal."""

import digits
from torch import nn


def model():
    net = digits.mlp()
    nn.init.zeros_(net[-1].weight)
    nn.init.zeros_(net[-1].bias)
    return net


train_data, val_data = digits.parts()
settings = digits.settings(epochs=20)
