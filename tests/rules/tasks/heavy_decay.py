"""Weight decay that holds the model down, and little momentum."""

import digits

train_data, val_data = digits.parts()
model = digits.mlp
settings = digits.settings(weight_decay=0.05, momentum=0.5, epochs=20)
