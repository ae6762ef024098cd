"""What was captured of a script as the text of ``advisor_task.py``: its settings as literals, the rest by name."""

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
        text: Of the file.
        fills: Its lines to fill in.
        offers: Names of the contract that it defines.
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
        found: As the worker describes the script.
        script: The script.
        target: The file to write; the script is found relative to it.
        arguments: The script's own arguments.
        faults: Sentences about what its loop does wrong.
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
    """As Python writes it, with double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_literal(item)}" for key, item in value.items()) + "}"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _wrapped(sentence: str) -> str:
    return textwrap.fill(sentence, 110, initial_indent="- ", subsequent_indent="  ")


def _relative(script: Path, folder: Path) -> str:
    """From one folder to a file, also upwards."""
    return Path(os.path.relpath(script.resolve(), folder.resolve())).as_posix()
