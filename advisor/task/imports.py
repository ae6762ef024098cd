"""Imports the user's file like a script; every failure becomes one clear message."""

import hashlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import CodeType, ModuleType

from advisor.errors import ContractError


def load_module(path: Path) -> ModuleType:
    """Imports ``path`` with its folder first on the import path; ``__name__`` is not ``__main__``.

    Raises:
        ContractError: If the file is missing, is not Python, or raises on import.
    """
    path = path.resolve()
    code = read_code(path)
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = path.stem if path.stem not in sys.modules else f"_advised_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    arguments, sys.argv = sys.argv, [str(path)]
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        raise ContractError(
            "a file that can be imported",
            f"{path.name} ends the program on import (exit code {error.code}){_where(error, path)}",
            'move the code that runs it under `if __name__ == "__main__":`',
            traceback.format_exc(),
        ) from error
    except Exception as error:
        raise ContractError(
            "a file that can be imported",
            f"{type(error).__name__} in {path.name}{_where(error, path)}: {error}",
            "make `python " + path.name + '` run, or guard that line with `if __name__ == "__main__":`',
            traceback.format_exc(),
        ) from error
    finally:
        sys.argv = arguments
    return module


def read_code(path: Path) -> CodeType:
    """Compiles the user's file without running it; needs no torch.

    Raises:
        ContractError: If the file is missing or is not Python.
    """
    path = path.resolve()
    try:
        return compile(read_source(path), str(path), "exec")
    except SyntaxError as error:
        line = (error.text or "").strip()
        raise ContractError(
            "a Python file without syntax errors",
            f"{path.name}, line {error.lineno}: {error.msg}: {line}",
            "correct that line",
        ) from error


def read_source(path: Path) -> bytes:
    """The bytes of the user's file.

    Raises:
        ContractError: If the file does not exist or cannot be read.
    """
    if path.is_dir():
        raise ContractError("a Python file", f"the folder {path}", "name the file that defines the model")
    if not path.exists():
        raise ContractError("a Python file", f"nothing at {path}", "check the path")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ContractError("a readable Python file", f"{path}: {error.strerror}", "check its permissions") from error


def user_files(path: Path) -> list[Path]:
    """The user's file and all modules imported from its folder: what the fingerprint covers."""
    main = path.resolve()
    found = {main}
    for other in list(sys.modules.values()):
        origin = getattr(other, "__file__", None)
        if not isinstance(origin, str):
            continue
        file = Path(origin)
        if file.suffix == ".py" and main.parent in file.parents and "site-packages" not in file.parts:
            found.add(file)
    return sorted(found)


def code_hash(path: Path) -> str:
    """Hash of the user's file, after loading, and of all modules imported from its folder."""
    digest = hashlib.sha256()
    for file in user_files(path):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _where(error: BaseException, path: Path) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f", line {frames[-1].lineno}" if frames else ""
