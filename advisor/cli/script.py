"""The script that a command is given as a module name."""

from pathlib import Path


def module_file(name: str, path: str | None, arguments: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The file of a module below the current folder, and its arguments; the first argument is parsed as the file."""
    from advisor.errors import UsageError

    base = Path(*name.split("."))
    file = next((f for f in (base.with_suffix(".py"), base / "__main__.py") if f.is_file()), None)
    if file is None:
        raise UsageError(
            f"the module {name} below this folder",
            f"no {base.with_suffix('.py')}",
            "change to the folder that contains it",
        )
    return str(file), (*([path] if path is not None else []), *arguments)
