"""The script's own modules, which for the time of one step are those of a probe's model."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def standing_in(own: list[nn.Module], other: nn.Module) -> Iterator[None]:
    """Inside it the script's modules have weights, buffers, hooks, mode and attributes of another model.

    The two exchange their dictionaries, module by module, and change back: code that holds the script's modules, or
    parts of them, under any name then works with the other model.

    Args:
        own: The script's modules that are trained.
        other: A copy of that one module, or an ``nn.ModuleList`` of copies.

    Raises:
        RuntimeError: If the two are not built alike.
    """
    others = [other] if len(own) == 1 else list(other.children())
    pairs = [pair for a, b in zip(own, others, strict=True) for pair in zip(a.modules(), b.modules(), strict=True)]
    if any(type(a) is not type(b) for a, b in pairs):
        raise RuntimeError("the model of the probe is not built as the script's own")
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
