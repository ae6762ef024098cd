"""Replacing attributes of modules and classes, each noted so that it can be undone."""

import functools
from collections.abc import Callable
from typing import Any

_MISSING = object()


class Patches:
    """Attributes that were replaced, in order."""

    def __init__(self) -> None:
        self._undo: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Replaces ``owner.name``."""
        self._undo.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, value)

    def wrap(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replaces a function by ``make(function)``, which keeps its name and signature; skips what does not exist."""
        old = getattr(owner, name, None)
        if old is None:
            return
        try:
            new = functools.wraps(old)(make(old))
        except (AttributeError, TypeError):
            new = make(old)
        self.set(owner, name, new)

    def undo(self) -> None:
        """Restores all of them, the last one first."""
        while self._undo:
            owner, name, value = self._undo.pop()
            if value is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)
