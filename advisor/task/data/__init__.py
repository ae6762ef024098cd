"""The user's data as batches that probes can train on."""
