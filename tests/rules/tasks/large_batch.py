"""So large a batch that the run is short of steps."""

import digits

train_data, val_data = digits.parts()
model = digits.mlp
settings = digits.settings(batch_size=256, epochs=40)
