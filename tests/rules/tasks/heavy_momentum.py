"""So much momentum that the run overshoots."""

import digits

train_data, val_data = digits.parts()
model = digits.mlp
settings = digits.settings(lr=0.02, momentum=0.99, epochs=20)
