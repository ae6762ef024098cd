"""A ramp that never ends: the loss falls, and rises again when the rate has grown too large."""

import digits

train_data, val_data = digits.parts()
model = digits.mlp
settings = digits.settings(
    schedule={"name": "CyclicLR", "base_lr": 0.01, "max_lr": 40.0, "step_size_up": 2000, "cycle_momentum": False}
)
