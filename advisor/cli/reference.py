"""Writes pages of docs/ from the commands, docstrings and types themselves.

``python -m advisor.cli.reference commands.md > docs/commands.md`` and the same for the other pages; a test compares.
"""

import inspect
import re
import sys
from typing import Any

_NOTE = "Written by `python -m advisor.cli.reference {0}.md > docs/{0}.md`; do not edit it here.\n"
_WIDTH = 100


def commands() -> str:
    """The help of every command, as it is printed."""
    import click

    from advisor.cli.main import main

    parts = ["# Commands\n", _NOTE.format("commands")]
    form: dict[str, Any] = {
        "terminal_width": _WIDTH,
        "max_content_width": _WIDTH,
        "help_option_names": ["-h", "--help"],
    }
    outer = click.Context(main, info_name="advisor", **form)
    parts.append(f"```text\n{_plain(main.get_help(outer))}\n```\n")
    for name, command in sorted(main.commands.items()):
        context = click.Context(command, info_name=name, parent=outer, **form)
        parts.append(f"## advisor {name}\n\n```text\n{_plain(command.get_help(context))}\n```\n")
    return "\n".join(parts)


def api() -> str:
    """Everything that ``import advisor`` offers."""
    import advisor

    parts = [
        "# Python interface\n",
        _NOTE.format("api"),
        "`import advisor` is light; torch is loaded by what needs it. How to use it: [quickstart.md](quickstart.md).\n",
    ]
    for name in advisor.__all__:
        if not name.startswith("_"):
            parts += _entry(name, getattr(advisor, name))
    return "\n".join(parts)


def report_page() -> str:
    """The form of report.json."""
    from advisor.schema.describe import page

    return page()


def report_schema() -> str:
    """The same as JSON Schema."""
    from advisor.schema.describe import json_schema
    from advisor.utils.jsonio import dumps

    return dumps(json_schema(), indent=1) + "\n"


def other_results() -> str:
    """The form of the other results."""
    from advisor.schema.describe import others_page

    return others_page()


def other_schemas() -> str:
    """The same as JSON Schema."""
    from advisor.schema.describe import others_schema
    from advisor.utils.jsonio import dumps

    return dumps(others_schema(), indent=1) + "\n"


PAGES = {
    "commands.md": commands,
    "api.md": api,
    "report-schema.md": report_page,
    "report-schema.json": report_schema,
    "schemas.md": other_results,
    "schemas.json": other_schemas,
}
"""What makes each page of docs/."""


def _entry(name: str, value: Any) -> list[str]:
    if inspect.isfunction(value):
        return [f"## advisor.{name}\n", _signature(f"advisor.{name}", value), _text(value)]
    parts = [f"## advisor.{name}\n", _text(value)]
    for member, item in vars(value).items():
        public = not member.startswith("_") and (inspect.isfunction(item) or isinstance(item, (property, staticmethod)))
        if not public or item.__doc__ is None:
            continue
        if isinstance(item, property):
            parts += [f"### {name}.{member}\n", _text(item)]
        else:
            function = item.__func__ if isinstance(item, staticmethod) else item
            parts += [f"### {name}.{member}\n", _signature(f"{name}.{member}", function), _text(function)]
    return parts


def _signature(name: str, function: Any) -> str:
    signature = inspect.signature(function)
    shown = [p for p in signature.parameters.values() if p.name != "self"]
    words = ", ".join(str(p.replace(annotation=inspect.Parameter.empty)) for p in shown)
    keywords = next((i for i, p in enumerate(shown) if p.kind is p.KEYWORD_ONLY), None)
    if keywords is not None:
        items = [str(p.replace(annotation=inspect.Parameter.empty)) for p in shown]
        words = ", ".join([*items[:keywords], "*", *items[keywords:]])
    return f"`{name}({words})`\n"


def _text(value: Any) -> str:
    """A docstring as Markdown: sections become bold words, arguments a list."""
    lines = (inspect.getdoc(value) or "").splitlines()
    result: list[str] = []
    inside = ""
    for line in lines:
        section = re.fullmatch(r"(Args|Attributes|Returns|Raises):", line)
        if section:
            inside = section.group(1)
            result.append(f"**{'Arguments' if inside == 'Args' else inside}**\n")
        elif inside and (entry := re.fullmatch(r"    (\w+): (.*)", line)):
            result.append(f"- `{entry.group(1)}`: {entry.group(2)}")
        elif inside and line.startswith("        "):
            result.append(f"  {line.strip()}")
        else:
            result.append(line.strip() if inside else line)
    return "\n".join(result).replace("``", "`") + "\n"


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines())


if __name__ == "__main__":
    sys.stdout.write(PAGES[sys.argv[1]]())
