"""Measuring: the training loop, its schedules, what it records, where it runs. Knows torch, knows no advice."""
