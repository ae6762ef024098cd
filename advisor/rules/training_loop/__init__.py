"""Family TL: faults of the training script itself."""
