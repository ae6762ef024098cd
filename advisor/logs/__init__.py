"""Recorded runs: what a log holds, whatever wrote it."""
