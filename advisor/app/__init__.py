"""The commands as functions: diagnose, compare, train, read."""
