"""The first layer asks for a gradient but is not given to the optimizer; a second head is never used."""

import digits
from torch import nn


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(64, 32)
        self.head = nn.Linear(32, 10)
        self.unused = nn.Linear(32, 10)

    def forward(self, inputs):
        return self.head(self.body(inputs).relu())


def param_groups(model):
    return [{"params": model.head.parameters()}]


train_data, val_data = digits.parts()
settings = digits.settings(epochs=10)
