"""Options of commands, made from the fields of ``Options``: declared there once."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import click

from advisor.app.options import Options

_F = TypeVar("_F", bound=Callable[..., Any])
DECLARED = tuple(field.name for field in fields(Options) if "help" in field.metadata)
"""Names of the fields that are options, in their order."""
COMPARE = ("budget", "seed", "out", "device", "engine", "address", "workers", "step_timeout", "probe_timeout")
"""Those of `advisor compare`."""
_HINTS = get_type_hints(Options)


def declared(*names: str, **defaults: Any) -> Callable[[_F], _F]:
    """Adds these options to a command; all if none is named.

    Args:
        names: Fields of ``Options``.
        defaults: Defaults that differ for this command.
    """

    def add(command: _F) -> _F:
        for field in reversed(fields(Options)):
            if field.name in (names or DECLARED):
                command = _option(field.name, defaults.get(field.name, field.default), field.metadata)(command)
        return command

    return add


def _option(name: str, default: Any, told: Any) -> Callable[[_F], _F]:
    hint = _HINTS[name]
    if get_origin(hint) is tuple:
        return click.option(_flag(name), multiple=True, metavar=told["metavar"], help=told["help"])
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    kind: Any = click.Choice(list(get_args(hint))) if get_origin(hint) is Literal else (kinds or [hint])[0]
    kind = click.Path(path_type=Path) if kind is Path else kind
    return click.option(
        _flag(name),
        type=kind,
        default=str(default) if isinstance(default, Path) else default,
        show_default=default not in (None, 0) or name == "seed",
        metavar=told["metavar"],
        help=told["help"],
    )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
