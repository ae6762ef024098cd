"""The user's data as batches for probes."""
