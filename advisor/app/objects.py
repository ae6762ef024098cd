"""Passes objects of this process to worker processes, as a file that provides them under the contract's names.

Workers load files (docs/adr/0009-objects-as-a-file.md explains why objects become one). Functions and classes that are
defined in a notebook or script are pickled by value, imported ones by name, with this process's import path.
"""

import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from advisor.errors import ContractError

_OBJECTS = "objects.pickle"
_FILE = '''"""Objects handed over by advisor.diagnose; their code and content: {digest}."""

import pathlib as _pathlib
import sys as _sys

import cloudpickle as _cloudpickle

model = train_data = None  # Marks this file as a task; the unpickled objects replace them.
_sys.path.extend(entry for entry in {path!r} if entry not in _sys.path)
with _pathlib.Path(__file__).with_name({objects!r}).open("rb") as _file:
    globals().update(_cloudpickle.load(_file))
'''


@contextmanager
def as_file(offered: Mapping[str, Any], name: str) -> Iterator[Path]:
    """A temporary file that provides these objects; it is removed at the end of the block.

    Args:
        offered: Objects by contract name.
        name: Name of the task; letters, digits and underscores are kept.

    Raises:
        ContractError: If an object cannot be pickled.
    """
    folder = Path(tempfile.mkdtemp(prefix="advisor-"))
    try:
        _write(dict(offered), folder / _OBJECTS)
        path = folder / f"{re.sub(r'[^A-Za-z0-9_]+', '_', name).strip('_') or 'task'}.py"
        entries = [str(Path(entry or ".").resolve()) for entry in sys.path]
        text = _FILE.format(digest=_digest(folder / _OBJECTS), path=entries, objects=_OBJECTS)
        path.write_text(text, encoding="utf-8")
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(offered: dict[str, Any], path: Path) -> None:
    import cloudpickle

    try:
        with path.open("wb") as file:
            cloudpickle.dump(offered, file)
    except Exception as error:
        raise ContractError(
            "objects that can be pickled, to send them to worker processes",
            f"{_culprit(offered)}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}",
            "give a function that creates it (model=lambda: Net()), or a file: advisor.diagnose('model.py')",
        ) from error


def _culprit(offered: dict[str, Any]) -> str:
    """Name and description of the first object that does not pickle."""
    import cloudpickle

    for name, value in offered.items():
        try:
            cloudpickle.dumps(value)
        except Exception:
            return name
    return "one of them"


def _digest(objects: Path) -> str:
    """Digest of the objects and of all files below the working folder that they may be imported from."""
    digest = hashlib.sha256()
    with objects.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    here = Path.cwd().resolve()
    files = {Path(origin) for module in list(sys.modules.values())
             if isinstance(origin := getattr(module, "__file__", None), str)}  # fmt: skip
    for file_path in sorted(files):
        own = here in file_path.parents and "site-packages" not in file_path.parts
        if own and file_path.suffix == ".py" and file_path.is_file():
            digest.update(file_path.read_bytes())
    return digest.hexdigest()[:16]
