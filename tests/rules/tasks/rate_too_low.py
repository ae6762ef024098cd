"""A rate a hundred times too small."""

import digits

train_data, val_data = digits.parts()
model = digits.mlp
settings = digits.settings(lr=0.001)
