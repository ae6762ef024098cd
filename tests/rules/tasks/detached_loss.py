"""A gradient that is cut before it reaches any weight."""

import digits
from torch import nn


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = digits.mlp()
        self.scale = nn.Parameter(nn.init.ones_(nn.Linear(1, 1).weight.data[0]))

    def forward(self, inputs):
        return self.body(inputs).detach() + 0.0 * self.scale


train_data, val_data = digits.parts()
settings = digits.settings()
