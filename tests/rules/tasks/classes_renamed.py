"""Digits whose validation labels were encoded apart: each number means another class."""

import digits

train_data, (_inputs, _labels) = digits.parts()
val_data = (_inputs, (_labels + 3) % 10)
model = digits.mlp
settings = digits.settings(lr=0.05, epochs=20)
