"""Settings that are already as good as a search finds them."""

import digits

train_data, val_data = digits.parts()
model = digits.mlp
settings = digits.settings(
    lr=0.2, nesterov=True, weight_decay=1e-3, batch_size=16, epochs=20,
    schedule={"name": "OneCycleLR", "max_lr": 0.2, "div_factor": 10, "final_div_factor": 1000, "cycle_momentum": False},
)  # fmt: skip
