"""Three training labels in ten are wrong; the validation labels are right."""

import digits
import torch

train_data, val_data = digits.parts()
_labels = train_data[1].clone()
_labels[:420] = torch.randint(10, (420,), generator=torch.Generator().manual_seed(1))
train_data = (train_data[0], _labels)
model = digits.mlp
settings = digits.settings()
