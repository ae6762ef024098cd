"""A class for every pixel: batches are (image, mask)."""

from digits_data import PIXELS
from torch import nn
from torch.utils.data import Dataset

settings = {"optimizer": "Adam", "lr": 1e-4, "batch_size": 20, "epochs": 16}


class Scans(Dataset):
    def __init__(self, start, stop):
        self.images = PIXELS[start:stop].view(-1, 1, 8, 8)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index]
        return {"image": image, "mask": (image[0] > -0.1).long() + (image[0] > 0.4).long()}


train_data, val_data = Scans(0, 300), Scans(300, 450)


def model():
    return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 1))
