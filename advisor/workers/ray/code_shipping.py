"""The user's Python sources as text, to be put where a worker on another machine finds them."""

import os
from pathlib import Path

from advisor.task.imports import read_source

_MOST_FILES = 2000
_MOST_FOLDERS = 5000
_MOST_BYTES = 32 * 2**20
_NOT_ENTERED = ("__pycache__", "site-packages", "node_modules")
_BYTES = "latin-1"
"""An encoding that keeps any bytes as they are: sources have encodings of their own."""


def sources_of(path: Path) -> dict[str, str]:
    """The file and all Python files below its folder, by their path from there.

    That is more than ``advisor.task.imports.code_hash`` covers, as which of them are imported shows only when they
    are. A folder with more than 2000 of them, or 32 MiB, is not taken: then the file goes alone.

    Raises:
        ContractError: If the file cannot be read.
    """
    main = {path.name: read_source(path).decode(_BYTES)}
    found, size = dict(main), 0
    for seen, (folder, inner, names) in enumerate(os.walk(path.parent)):
        here = Path(folder)
        inner[:] = sorted(name for name in inner if name not in _NOT_ENTERED and not _is_foreign(here / name))
        for name in sorted(names):
            file = here / name
            if file.suffix != ".py" or not file.is_file():
                continue
            size += file.stat().st_size
            if len(found) >= _MOST_FILES or size > _MOST_BYTES:
                return main
            found[file.relative_to(path.parent).as_posix()] = file.read_bytes().decode(_BYTES)
        if seen >= _MOST_FOLDERS:
            return main
    return found


def placed(sources: dict[str, str], name: str, original: Path, folder: Path) -> Path:
    """Where a worker on this machine finds the file: where it was, if the same sources lie there, else in ``folder``.

    Args:
        sources: What ``sources_of`` gave.
        name: Of the user's file.
        original: Its folder on the machine that it came from.
        folder: An empty folder that it may be written into.
    """
    if all(_holds(original / file, text.encode(_BYTES)) for file, text in sources.items()):
        return original / name
    for file, text in sources.items():
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode(_BYTES))
    return folder / name


def _is_foreign(folder: Path) -> bool:
    """Hidden folders and virtual environments."""
    return folder.name.startswith(".") or (folder / "pyvenv.cfg").exists()


def _holds(file: Path, content: bytes) -> bool:
    try:
        return file.read_bytes() == content
    except OSError:
        return False
