"""Pictures of digits are flipped and turned at random in training: a 6 becomes a 9, a 2 a 5.

Cause: augmentation
Source: forum threads on RandomHorizontalFlip for digits and characters
"""

import torch
from benchdata import digits
from torch import nn
from torch.utils.data import Dataset

settings = {"optimizer": "Adam", "lr": 2e-3, "batch_size": 32, "epochs": 12}
loss = nn.CrossEntropyLoss()
(_x, _y), val_data = digits(images=True)


class Augmented(Dataset):
    def __len__(self):
        return len(_x)

    def __getitem__(self, i):
        image = torch.rot90(_x[i], int(torch.randint(4, ())), (1, 2))  # FAULT
        # REPAIR image = _x[i].roll(int(torch.randint(-1, 2, ())), 2)
        if torch.rand(()) < 0.5:  # FAULT
            image = image.flip(2)  # FAULT
        return image, _y[i]


train_data = Augmented()


def model():
    return nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 10))
