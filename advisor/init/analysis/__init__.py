"""What a training script does, read from its text."""
