"""The script as Python runs it: its text (or a notebook's cells), its code, and which frames are its own."""

import ast
import linecache
import os
import re
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

import torch

from advisor.capture.rounds import marked
from advisor.errors import ContractError
from advisor.init.source import script_text

_ADVISOR = str(Path(__file__).parents[1])
_RUNS = str(Path(__file__).with_name("run.py"))
_PYTHON = tuple({sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["platstdlib"]})
_OURS = (str(Path(torch.__file__).parent), _ADVISOR)
_RELATIVE = re.compile(r"^\s*from\s+\.", re.M)
_INSTALLED = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True)
class Source:
    """A script that can be run.

    Attributes:
        path: Path of the file.
        text: Python source, without a notebook's magics.
    """

    path: Path
    text: str

    def code(self) -> CodeType:
        """The compiled code; its source lines are available to tracebacks.

        Raises:
            ContractError: If it is not Python.
        """
        linecache.cache[str(self.path)] = (len(self.text), None, self.text.splitlines(True), str(self.path))
        try:
            return compile(marked(self.text), str(self.path), "exec")
        except SyntaxError as error:
            raise ContractError(
                "a Python file without syntax errors",
                f"{self.path.name}, line {error.lineno}: {error.msg}: {(error.text or '').strip()}",
                "correct that line",
            ) from error


def read_source(path: Path) -> Source:
    """Reads a script or a notebook.

    Raises:
        ContractError: If it cannot be read.
    """
    path = path.resolve()
    return Source(path, script_text(path))


def is_users(file: str) -> bool:
    """Whether a file is part of the user's project rather than of Python, an installed package or the advisor."""
    return not (is_python_itself(file) or _is_installed(file))


def is_python_itself(file: str) -> bool:
    """Whether it belongs to Python, torch or the advisor, which contain no training loop of a user."""
    return not file or file.startswith(("<", *_OURS)) or (file.startswith(_PYTHON) and not _is_installed(file))


def _is_installed(file: str) -> bool:
    """Whether it is part of an installed package; virtual environments keep these below Python's own folder."""
    return any(part in _INSTALLED for part in Path(file).parts)


def frames(start: FrameType | None) -> list[FrameType]:
    """The frames from ``start`` outwards, innermost first, up to the one that runs the script."""
    found = []
    while start is not None and start.f_code.co_filename != _RUNS:
        found.append(start)
        start = start.f_back
    return found


def tree_of(file: str) -> ast.Module | None:
    """The syntax tree of a file that has been run, or None."""
    if file not in _TREES:
        try:
            _TREES[file] = ast.parse("".join(linecache.getlines(file)))
        except (SyntaxError, ValueError):
            _TREES[file] = None
    return _TREES[file]


_TREES: dict[str, ast.Module | None] = {}


def project_text(path: Path, most_files: int = 300) -> str:
    """The text of the script and of the Python files in and below its folder, for quick searches."""
    texts, count = [path.read_text(encoding="utf-8", errors="ignore")], 0
    for folder, names, files in os.walk(path.parent):
        names[:] = [n for n in names if not n.startswith(".") and n not in ("node_modules", "site-packages", "venv")]
        for name in files:
            if name.endswith(".py") and count < most_files:
                count += 1
                file = Path(folder) / name
                try:
                    texts.append(file.read_text(encoding="utf-8", errors="ignore"))
                except OSError:
                    continue
        if count >= most_files:
            break
    return "\n".join(texts)


def put_on_path(source: Source) -> str:
    """Sets up the import path as Python does for a script or ``python -m``: the script's folder comes first.

    The current folder follows, as for a module; so does the folder of the file's package, if it uses relative
    imports.

    Returns:
        The name of that package, or an empty string.
    """
    folder, package = source.path.parent, ""
    if _RELATIVE.search(source.text):
        root = folder
        while (root / "__init__.py").exists() or not package:
            package = f"{root.name}.{package}" if package else root.name
            root = root.parent
        sys.path.insert(0, str(root))
    for place in (str(folder), str(Path.cwd())):
        if place not in sys.path:
            sys.path.insert(0 if place == str(folder) else len(sys.path), place)
    return package
