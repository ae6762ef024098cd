"""Checks of model and data before training."""
