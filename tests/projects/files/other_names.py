"""Names of its own, given on the command line."""

from digits_data import LABELS, PIXELS, TRAIN, VAL
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Classifier(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))

    def forward(self, x):
        return self.body(x)


def training_set():
    return DataLoader(TensorDataset(PIXELS[TRAIN], LABELS[TRAIN]), batch_size=32, shuffle=True)


def test_set():
    return TensorDataset(PIXELS[VAL], LABELS[VAL])


criterion = nn.CrossEntropyLoss()
