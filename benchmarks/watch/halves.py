"""Divides tasks and logs into a development half and a held-out half."""

import hashlib

HALVES = ("development", "held-out")


def half_of(name: str) -> str:
    """The half of a task or log, ``development`` or ``held-out``, from the hash of its name."""
    return HALVES[int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2]
