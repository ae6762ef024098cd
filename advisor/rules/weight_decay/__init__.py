"""Rules on weight decay."""
