"""Family TL: what the training script itself does wrong."""
