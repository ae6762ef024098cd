"""Rules on what is seen before training."""
