"""Lets the script's own modules act as those of a probe's model for the duration of a step."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def standing_in(own: list[nn.Module], other: nn.Module) -> Iterator[None]:
    """Within the block, the script's modules have weights, buffers, hooks, mode and attributes of another model.

    The two exchange their dictionaries, module by module, and change back: code that references the script's modules or
    submodules under any name then works with the other model.

    Args:
        own: The script's trained modules.
        other: A copy of that module, or an ``nn.ModuleList`` of copies.

    Raises:
        RuntimeError: If the two do not have the same structure.
    """
    others = [other] if len(own) == 1 else list(other.children())
    pairs = [pair for a, b in zip(own, others, strict=True) for pair in zip(a.modules(), b.modules(), strict=True)]
    if any(type(a) is not type(b) for a, b in pairs):
        raise RuntimeError("the model of the probe does not have the structure of the script's model")
    _exchange(pairs)
    try:
        yield
    finally:
        _exchange(pairs)


def _exchange(pairs: list[tuple[nn.Module, nn.Module]]) -> None:
    for mine, theirs in pairs:
        if mine is theirs:
            continue
        a, b = vars(mine), vars(theirs)
        object.__setattr__(mine, "__dict__", b)
        object.__setattr__(theirs, "__dict__", a)
        a["_modules"], b["_modules"] = b["_modules"], a["_modules"]
