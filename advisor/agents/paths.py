"""Restricts the files that an agent may name to those below the server's folders, links resolved."""

import os
from pathlib import Path

from advisor.errors import UsageError

_LONGEST = 1000
_MOST_ENTRIES = 20_000


class Folders:
    """The folders that bound all paths.

    Args:
        roots: The folders; relative names are relative to the first.

    Raises:
        UsageError: If one is not a folder.
    """

    def __init__(self, roots: list[Path]) -> None:
        for root in roots:
            if not root.is_dir():
                raise UsageError("a folder that agents may work in", str(root), "name one that exists")
        self.roots = [root.resolve() for root in roots]

    @property
    def home(self) -> Path:
        """The folder that relative names refer to and that holds the jobs."""
        return self.roots[0]

    def existing(self, name: str, kind: str = "a file or folder") -> Path:
        """An existing file or folder.

        Raises:
            UsageError: If it does not exist, or is outside.
        """
        path = self.allowed(name)
        if not path.exists():
            raise UsageError(f"{kind} that exists", name, f"name one below {self.home}")
        return path

    def file(self, name: str) -> Path:
        """An existing file.

        Raises:
            UsageError: If it does not exist, is a folder, or is outside.
        """
        path = self.existing(name, "a file")
        if not path.is_file():
            raise UsageError("a file", f"{name}, which is not a file", "name the file itself")
        return path

    def allowed(self, name: str) -> Path:
        """A path below the folders, its links resolved; it need not exist.

        Raises:
            UsageError: If it is outside, or not a path.
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
        """A file or folder to read completely; no link in it may lead outside.

        Raises:
            UsageError: If one does, or if it contains too many files.
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
