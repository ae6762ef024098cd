"""Measurements that are not training runs: looks before training, batch sizes, the data's profile."""
