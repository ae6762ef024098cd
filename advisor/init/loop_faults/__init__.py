"""Faults of a training loop that its text shows."""

from advisor.init.loop_faults.read import read_loop

__all__ = ["read_loop"]
