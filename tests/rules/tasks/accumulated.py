"""Two batches for each step, which would fit in one."""

import digits

train_data, val_data = digits.parts()
model = digits.mlp
settings = digits.settings(batch_size=16, accumulation_steps=2, epochs=10)
