"""Pixels as they come from a file, 0 to 255."""

import digits

train_data, val_data = digits.parts(digits.INPUTS * 255.0)
model = digits.mlp
settings = digits.settings(lr=0.01)
