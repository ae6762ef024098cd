"""Recorded runs: the contents of a log, independent of its format."""
