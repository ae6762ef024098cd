"""The training loop of a probe. Imports torch."""
