"""A variational autoencoder with the loss of PyTorch's example: loss(reconstruction, inputs, mu, logvar)."""

import torch
from digits_data import PIXELS, TRAIN, VAL
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

settings = {"optimizer": "Adam", "lr": 1e-4, "epochs": 10}
train_data = DataLoader(TensorDataset(PIXELS[TRAIN]), batch_size=40, shuffle=True)
val_data = DataLoader(TensorDataset(PIXELS[VAL]), batch_size=40)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 8))
        self.decoder = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 64))

    def forward(self, x):
        mu, logvar = self.encoder(x).chunk(2, 1)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
        return self.decoder(z), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return (nn.functional.mse_loss(recon_x, x, reduction="sum") + 0.1 * kl) / len(x)
