"""Rules on the batch size."""
