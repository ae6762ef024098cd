"""Examples that take their time to be read."""

import time

import digits
from torch.utils.data import Dataset


class Slow(Dataset):
    def __init__(self, inputs, targets):
        self.inputs, self.targets = inputs, targets

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, index):
        time.sleep(0.0005)
        return self.inputs[index], self.targets[index]


(inputs, targets), val_data = digits.parts(split=600)
train_data = Slow(inputs, targets)
model = digits.mlp
settings = digits.settings(epochs=10)
