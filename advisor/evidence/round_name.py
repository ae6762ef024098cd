"""Names of the rounds of probes: keys of the evidence, and what rules request."""

from enum import StrEnum


class RoundName(StrEnum):
    """A round, spelled as in recordings, reports and TensorBoard."""

    PREFLIGHT = "preflight"
    """Measurements on the untrained model; no probes."""
    RANGE = "range"
    RANGE_WIDER = "range_wider"
    LADDER = "ladder"
    LADDER_WIDER = "ladder_wider"
    LESS_DECAY = "less_decay"
    """The best rate of the ladder with less weight decay, where the current settings do better than it."""
    LENGTH = "length"
    NOISE = "noise"
    BATCH = "batch"
    CONFIRM = "confirm"
    """The current settings on a small copy of the run."""
    CONFIRM_LONG = "confirm_long"
    """The current settings in the longest affordable run on all data."""
    CHECK = "check"
    """The recommended settings beside the current ones."""
    DECAY = "decay"
    MOMENTUM = "momentum"
    ZOOM = "zoom"
    COMPARE = "compare"
    """Repeats of one variant in ``advisor compare``."""


LADDER_ROUNDS = frozenset({RoundName.LADDER, RoundName.LADDER_WIDER, RoundName.LESS_DECAY})
"""Rounds that put rates on the ladder."""
CURRENT_ROUNDS = frozenset({RoundName.CONFIRM, RoundName.CONFIRM_LONG})
"""Rounds that train with the current settings."""
