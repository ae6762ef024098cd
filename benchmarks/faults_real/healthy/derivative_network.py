"""A physics-informed net for u'' = -u: the loss takes derivatives by the inputs, in evaluation as well."""

import torch
from torch import nn

settings = {"optimizer": "Adam", "lr": 3e-3, "batch_size": 50, "epochs": 60}
_t = torch.linspace(0, 3, 500)[:, None]
_t = _t[torch.randperm(500, generator=torch.Generator().manual_seed(0))]
train_data, val_data = (_t[:400],), (_t[400:],)


def model():
    return nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))


def training_step(model, batch):
    t = batch[0].clone().requires_grad_()
    with torch.enable_grad():
        u = model(t)
        first = torch.autograd.grad(u.sum(), t, create_graph=True)[0]
        second = torch.autograd.grad(first.sum(), t, create_graph=True)[0]
        start = torch.zeros(1, 1, requires_grad=True)
        value = model(start)
        slope = torch.autograd.grad(value.sum(), start, create_graph=True)[0]
        return (second + u).square().mean() + (value - 1).square().mean() + slope.square().mean()
