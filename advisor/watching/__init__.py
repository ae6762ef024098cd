"""Judging a run while it runs: the rules over logs and over live runs, said once, taken back if they do not hold."""
