"""Training data in order of their class, in a loader that does not shuffle; validation data among them."""

import digits
import torch
from torch.utils.data import DataLoader, TensorDataset

_order = torch.argsort(digits.TARGETS)
_inputs, _targets = digits.INPUTS[_order], digits.TARGETS[_order]
train_data = DataLoader(TensorDataset(_inputs, _targets), batch_size=32, shuffle=False)
val_data = TensorDataset(_inputs[::5], _targets[::5])
model = digits.mlp
settings = digits.settings(epochs=10)
