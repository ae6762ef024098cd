"""Command-line options generated from the fields of ``Options``.

``Options`` is imported when a command needs it, so that ``advisor --help`` stays fast.
"""

from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

COMPARE = ("budget", "seed", "out", "device", "engine", "address", "workers", "nproc", "step_timeout", "probe_timeout")
"""Options of `advisor compare`."""


def declared() -> tuple[str, ...]:
    """Names of all fields that are options, in order."""
    from advisor.app.options import Options

    return tuple(field.name for field in fields(Options) if "help" in field.metadata)


class DeclaredCommand(click.Command):
    """A command with options of ``Options`` in addition to its own.

    Args:
        only: Names of the fields; all options if empty.
        defaults: Defaults that differ for this command.
        before: Name of the command's own option before which they are listed.
        attributes: Arguments of ``click.Command``.
    """

    def __init__(
        self, *, only: tuple[str, ...] = (), defaults: dict[str, object] | None = None, before: str, **attributes: Any
    ) -> None:
        super().__init__(**attributes)
        self._only, self._defaults, self._before = only, defaults or {}, before
        self._complete = False

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own parameters and those of ``Options``."""
        if not self._complete:
            self._complete = True
            place = next(i for i, param in enumerate(self.params) if param.name == self._before)
            self.params[place:place] = _options(self._only or declared(), self._defaults)
        return super().get_params(ctx)


def _options(names: tuple[str, ...], defaults: dict[str, object]) -> list[click.Parameter]:
    from advisor.app.options import Options

    hints = get_type_hints(Options)
    return [
        _option(field.name, hints[field.name], defaults.get(field.name, field.default), field.metadata)
        for field in fields(Options)
        if field.name in names
    ]


def _option(name: str, hint: Any, default: Any, told: Any) -> click.Option:
    flag = f"--{name.replace('_', '-')}"
    if get_origin(hint) is tuple:
        return click.Option([flag], multiple=True, metavar=told["metavar"], help=told["help"])
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    kind: Any = click.Choice(list(get_args(hint))) if get_origin(hint) is Literal else (kinds or [hint])[0]
    return click.Option(
        [flag],
        type=click.Path(path_type=Path) if kind is Path else kind,
        default=str(default) if isinstance(default, Path) else default,
        show_default=default not in (None, 0) or name == "seed",
        metavar=told["metavar"],
        help=told["help"],
    )
