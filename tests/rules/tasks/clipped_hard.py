"""Every gradient is cut to the same small length."""

import digits

train_data, val_data = digits.parts()
model = digits.mlp
settings = digits.settings(clip_grad_norm=0.1, epochs=20)
