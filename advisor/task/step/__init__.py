"""The user's training step: how model, loss and metric are called."""
