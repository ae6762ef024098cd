"""So few examples that the model becomes ever more certain, right or wrong, and its decisions stay."""

import digits

train_data, val_data = digits.parts(split=150)


def model():
    return digits.mlp(hidden=256)


settings = digits.settings(batch_size=16, epochs=300)
