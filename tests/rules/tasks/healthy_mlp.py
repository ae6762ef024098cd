"""A sound classifier with usual settings."""

import digits

train_data, val_data = digits.parts()
model = digits.mlp
settings = digits.settings()
