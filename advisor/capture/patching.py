"""Reversible replacement of attributes of modules and classes."""

import functools
from collections.abc import Callable
from typing import Any

_MISSING = object()


class Patches:
    """Replaced attributes, in order."""

    def __init__(self) -> None:
        self._undo: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Replaces ``owner.name``."""
        self._undo.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, value)

    def wrap(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replaces a function by ``make(function)`` with its name and signature; ignores missing attributes."""
        old = getattr(owner, name, None)
        if old is None:
            return
        try:
            new = functools.wraps(old)(make(old))
        except (AttributeError, TypeError):
            new = make(old)
        self.set(owner, name, new)

    def undo(self) -> None:
        """Restores all attributes in reverse order."""
        while self._undo:
            owner, name, value = self._undo.pop()
            if value is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)
