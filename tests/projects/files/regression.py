"""Regression on a table of numpy arrays; a column of outputs against a row of targets, with nn.MSELoss."""

from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler
from torch import nn

x, y = load_diabetes(return_X_y=True)
x, y = StandardScaler().fit_transform(x), (y - y.mean()) / y.std()
settings = {"optimizer": "Adam", "lr": 1e-3, "batch_size": 32, "epochs": 20}
train_data = x, y


def model():
    return nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))


loss = nn.MSELoss
