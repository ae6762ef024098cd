"""Rules on stability."""
