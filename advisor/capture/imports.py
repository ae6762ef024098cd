"""Import hooks: modules that are patched after loading, and modules that are replaced."""

import importlib.util
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import Any

from advisor.capture.source import is_users

Changed = Callable[[ModuleType], None]
Made = Callable[[str], ModuleType]


class ImportHook(MetaPathFinder):
    """A finder at the front of ``sys.meta_path``.

    Args:
        changes: Functions by module name, called with the loaded module.
        replaces: Names of modules that are replaced for the user's code.
        made: Creates a replacement.
    """

    def __init__(self, changes: dict[str, list[Changed]], replaces: Iterable[str], made: Made) -> None:
        self._changes, self._replaces, self._made = changes, frozenset(replaces), made
        self._inside: set[str] = set()

    def install(self) -> None:
        """Installs the hook; patches modules that are already loaded."""
        sys.meta_path.insert(0, self)
        for name, changes in self._changes.items():
            if name in sys.modules:
                for change in changes:
                    change(sys.modules[name])

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """The spec of a patched or replaced module; None defers to other finders."""
        if name in self._replaces and _imported_by_user(sys._getframe(1)):
            return ModuleSpec(name, _Ready(self._made(name)), is_package=True)
        if name not in self._changes or name in self._inside:
            return None
        self._inside.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._inside.discard(name)
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Then(spec.loader, self._changes[name])
        return spec


class _Then(Loader):
    """Wraps a loader and runs a function after it."""

    def __init__(self, loader: Any, changes: list[Changed]) -> None:
        self._loader, self._then = loader, changes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for change in self._then:
            with suppress(Exception):
                change(module)


class _Ready(Loader):
    """A loader for an existing module."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        return None


def _imported_by_user(frame: FrameType | None) -> bool:
    """Whether the import statement is in the user's code."""
    while frame is not None and ("importlib" in frame.f_code.co_filename or frame.f_code.co_filename == __file__):
        frame = frame.f_back
    return frame is not None and is_users(frame.f_code.co_filename)
