"""Rules on the number of epochs."""
