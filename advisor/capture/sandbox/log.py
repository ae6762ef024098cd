"""The list of blocked side effects, in order, each once."""

from collections.abc import Iterator

_MOST = 40


class HeldBack:
    """Sentences for people, such as ``writes runs/model.pt``."""

    def __init__(self) -> None:
        self._found: dict[str, int] = {}

    def add(self, what: str) -> None:
        """Adds an entry; repeated entries are counted."""
        if what in self._found or len(self._found) < _MOST:
            self._found[what] = self._found.get(what, 0) + 1

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
