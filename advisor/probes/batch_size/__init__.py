"""Largest batch that fits, and throughput by batch size."""
