"""scikit-learn's digits, small: 8 by 8 pixels, ten classes."""

import torch
from sklearn.datasets import load_digits

_images, _labels = load_digits(return_X_y=True)
_order = torch.randperm(len(_labels), generator=torch.Generator().manual_seed(0))
PIXELS = torch.tensor(_images, dtype=torch.float32)[_order] / 16 - 0.3
LABELS = torch.tensor(_labels)[_order]
TRAIN, VAL = slice(0, 600), slice(600, 900)
