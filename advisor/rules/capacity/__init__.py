"""Rules on the capacity of the model."""
