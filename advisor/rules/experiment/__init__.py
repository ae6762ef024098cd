"""Rules on the experiment itself."""
