"""A small convolutional network on scikit-learn's handwritten digits: what `make diagnose` runs."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import TensorDataset

settings = {
    "optimizer": "SGD",
    "lr": 0.01,
    "momentum": 0.9,
    "weight_decay": 0.0,
    "batch_size": 64,
    "epochs": 30,
}
loss = nn.CrossEntropyLoss()


def model() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1, stride=2),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


def _split() -> tuple[TensorDataset, TensorDataset]:
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)
    images = (images - images.mean()) / images.std()
    labels = torch.tensor(digits.target)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    train, val = order[:1400], order[1400:]
    return TensorDataset(images[train], labels[train]), TensorDataset(images[val], labels[val])


def train_data() -> TensorDataset:
    return _split()[0]


def val_data() -> TensorDataset:
    return _split()[1]


if __name__ == "__main__":
    # What a training script usually does; the advisor imports the file and never runs this part.
    net = model()
    optimizer = torch.optim.SGD(net.parameters(), lr=settings["lr"], momentum=settings["momentum"])
    for _ in range(3):
        for inputs, targets in torch.utils.data.DataLoader(train_data(), 64, shuffle=True):
            optimizer.zero_grad()
            loss(net(inputs), targets).backward()
            optimizer.step()
    with torch.no_grad():
        images, labels = val_data().tensors
        print("accuracy", (net.eval()(images).argmax(1) == labels).float().mean().item())
