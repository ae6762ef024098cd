"""Label smoothing, and pictures that are moved by a pixel at random."""

import torch
from benchdata import digits
from torch import nn
from torch.utils.data import Dataset

settings = {"optimizer": "AdamW", "lr": 2e-3, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss(label_smoothing=0.1)
(_x, _y), val_data = digits(images=True)


class Moved(Dataset):
    def __len__(self):
        return len(_x)

    def __getitem__(self, i):
        return _x[i].roll((int(torch.randint(-1, 2, ())), int(torch.randint(-1, 2, ()))), (1, 2)), _y[i]


train_data = Moved()


def model():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(256, 10),
    )
