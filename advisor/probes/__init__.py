"""Measurements other than training runs: preflight, batch sizes, profile of the data."""
