"""Which files an agent may name: those that lie, links resolved, below the folders that the server was started with."""

import os
from pathlib import Path

from advisor.errors import UsageError

_LONGEST = 1000
_MOST_ENTRIES = 20_000


class Folders:
    """The folders below which everything must lie.

    Args:
        roots: The folders; relative names are meant from the first.

    Raises:
        UsageError: If one is no folder.
    """

    def __init__(self, roots: list[Path]) -> None:
        for root in roots:
            if not root.is_dir():
                raise UsageError("a folder that agents may work in", str(root), "name one that exists")
        self.roots = [root.resolve() for root in roots]

    @property
    def home(self) -> Path:
        """The folder from which relative names are meant, and in which jobs are kept."""
        return self.roots[0]

    def existing(self, name: str, kind: str = "a file or folder") -> Path:
        """A file or folder that is there.

        Raises:
            UsageError: If it is not, or lies outside.
        """
        path = self.allowed(name)
        if not path.exists():
            raise UsageError(f"{kind} that exists", name, f"name one below {self.home}")
        return path

    def file(self, name: str) -> Path:
        """A file that is there.

        Raises:
            UsageError: If it is not, is a folder, or lies outside.
        """
        path = self.existing(name, "a file")
        if not path.is_file():
            raise UsageError("a file", f"{name}, which is none", "name the file itself")
        return path

    def allowed(self, name: str) -> Path:
        """A path below the folders, its links resolved; it need not exist.

        Raises:
            UsageError: If it lies outside, or is no path.
        """
        if not name or len(name) > _LONGEST or "\0" in name or any(ord(char) < 32 for char in name):
            shown = repr(name[:60])
            raise UsageError(f"a path of 1 to {_LONGEST} printable characters", shown, "give the path as it is")
        try:
            path = (self.home / name).resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise UsageError("a path that can be resolved", f"{name!r}: {error}", "name another") from error
        if not any(path.is_relative_to(root) for root in self.roots):
            where = " or ".join(map(str, self.roots))
            raise UsageError(f"a path below {where}", f"{name!r}, which leads outside", "name one inside")
        return path

    def tree(self, name: str) -> Path:
        """A file or folder to read whole: no link in it may lead outside.

        Raises:
            UsageError: If one does, or if there is too much in it.
        """
        path = self.existing(name)
        if path.is_dir():
            count = 0
            for folder, inner, files in os.walk(path):
                for item in (*inner, *files):
                    count += 1
                    if count > _MOST_ENTRIES:
                        raise UsageError(f"at most {_MOST_ENTRIES} files", name, "name a folder further down")
                    if (Path(folder) / item).is_symlink():
                        self.allowed(str(Path(folder) / item))
        return path
