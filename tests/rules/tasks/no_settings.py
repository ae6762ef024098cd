"""Says nothing about how it is trained."""

import digits

train_data, val_data = digits.parts()
model = digits.mlp
