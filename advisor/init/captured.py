"""Writes ``advisor_task.py`` for a captured script: settings as literals, the rest by name."""

import json
import os
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from advisor.records.task import ScriptDescription


@dataclass(frozen=True, slots=True)
class Written:
    """A task file.

    Attributes:
        text: Its text.
        fills: Lines to fill in.
        offers: Contract names that it defines.
    """

    text: str
    fills: tuple[str, ...]
    offers: tuple[str, ...]


_FILE = '''"""What {script} trains with, in the form that `advisor diagnose` takes.

Written by `advisor init`, to be edited. Each time this file is loaded, {script}
is run in a sandbox until it has made a few steps, and stopped.
{said}
"""

from pathlib import Path

from advisor.capture.offer import captured

script = captured(Path(__file__).parent / {path!r}{arguments})

{names}
{settings}'''


def write_captured(
    found: ScriptDescription, script: Path, target: Path, arguments: tuple[str, ...], faults: list[str]
) -> Written:
    """Composes the file.

    Args:
        found: The worker's description of the script.
        script: The script.
        target: The file to write; the script is found relative to it.
        arguments: The script's own arguments.
        faults: Sentences about faults of its loop.
    """
    said = "\n".join(_wrapped(sentence) for sentence in [*found.said, *faults])
    names = "\n".join(f"{name} = script.{name}" for name in found.names)
    text = _FILE.format(
        script=script.name,
        said=said.replace("\\", "/").replace('"""', "'''"),
        path=_relative(script, target.parent),
        arguments=f", {arguments!r}" if arguments else "",
        names=names,
        settings=_settings(found.settings) if found.settings else "",
    )
    compile(text, str(target), "exec")
    offers = (*found.names, *(["settings"] if found.settings else []))
    return Written(text, (), tuple(offers))


def _settings(settings: dict[str, Any]) -> str:
    lines = [f"    {json.dumps(key)}: {_literal(value)}," for key, value in settings.items()]
    return "\n".join(["", "settings = {", *lines, "}", ""])


def _literal(value: Any) -> str:
    """A Python literal with double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_literal(item)}" for key, item in value.items()) + "}"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _wrapped(sentence: str) -> str:
    return textwrap.fill(sentence, 110, initial_indent="- ", subsequent_indent="  ")


def _relative(script: Path, folder: Path) -> str:
    """Relative path from a folder to a file, also upwards."""
    return Path(os.path.relpath(script.resolve(), folder.resolve())).as_posix()
