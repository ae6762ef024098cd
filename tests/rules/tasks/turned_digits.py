"""Pictures that are turned by any right angle in training, and are not in validation."""

import digits
import torch
from torch import nn
from torch.utils.data import Dataset

(_x, _y), val_data = digits.parts()
loss = nn.CrossEntropyLoss()
settings = digits.settings(epochs=15)


class Turned(Dataset):
    def __len__(self):
        return len(_x)

    def __getitem__(self, index):
        image = _x[index].view(8, 8).rot90(int(torch.randint(4, ())))
        return (image if torch.rand(()) < 0.5 else image.flip(1)).flatten(), _y[index]


train_data = Turned()


def model():
    return digits.mlp()
