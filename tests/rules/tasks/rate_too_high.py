"""A rate far beyond the stable range."""

import digits

train_data, val_data = digits.parts()
model = digits.mlp
settings = digits.settings(lr=20.0)
