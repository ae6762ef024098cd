"""The form of report.json as JSON Schema and as a page of documentation, both made from the typed parts."""

from __future__ import annotations

import inspect
import re
from typing import Any

import msgspec

from advisor.schema.base import Facts, Part
from advisor.schema.report import SCHEMA, Report

_INTRO = f"""# report.json, schema {SCHEMA}

`report.json` is the one result of a run. `report.html`, the terminal's eight lines and `reports/index.html` are pure
functions of it. Numbers that could not be measured are `null`. Learning rates, weight decays and momenta are plain
numbers in PyTorch's own units; losses are in the units of the task's own loss; lengths are fractions of the user's full
run (1.0 = `epochs` as the user set them). Losses in `responses` are the objective's own numbers: where a metric is the
objective, the metric. `at_stake` counts differences so that a positive one is worse.

Figure ids are `comparison`, `range`, `rates`, `both`, `batch`, `response-<id of a response>`, `curves`, `forecast`.
Responses to the learning rate are drawn together in `rates`, that to `epochs` in `forecast` where there is one.

The same as JSON Schema: [report-schema.json](report-schema.json). Reports of schema 1 can be opened as well; a damaged
report is refused with one error that names the place.
"""


def json_schema(root_kind: type[Part] = Report, title: str = f"report.json, schema {SCHEMA}") -> Facts:
    """JSON Schema of a result, with the descriptions of the docstrings."""
    (root,), parts = msgspec.json.schema_components([root_kind], ref_template="#/$defs/{name}")
    if "Verdict" in parts:
        parts["Verdict"]["description"] = "What a rule answers"
    for kind in _parts(Part):
        if kind.__name__ in parts:
            _describe(parts[kind.__name__], kind)
    head: Facts = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return {**head, **root, "$defs": parts}


def page() -> str:
    """The form as Markdown: a table for each part, in the order in which they occur."""
    parts = json_schema()["$defs"]
    assert isinstance(parts, dict)
    sections = [_INTRO]
    for name in _in_order(parts):
        part = parts[name]
        rows = [
            f"| `{key}` | {_kind(field)} | {_cell(field.get('description', ''))} |"
            for key, field in part.get("properties", {}).items()
        ]
        if "enum" in part:
            sections.append(f"## {name}\n\n{part['description']}: {_kind(part)}.\n")
        if rows:
            table = "\n".join(["| key | value | what it is |", "|---|---|---|", *rows])
            sections.append(f"## {name}\n\n{part['description']}\n\n{table}\n")
    return "\n".join(sections)


def _parts(kind: type[Part]) -> list[type[Part]]:
    return [found for child in kind.__subclasses__() for found in (child, *_parts(child))]


def _describe(part: dict[str, Any], kind: type[Part]) -> None:
    """Puts the first paragraph of the docstring, and the words for each field, into the schema of a part."""
    part["description"] = (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("``", "`")
    names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    for ancestor in kind.__mro__:
        for name, words in re.findall(r"^    (\w+): ((?:.|\n {8})*)", inspect.getdoc(ancestor) or "", re.MULTILINE):
            if name in names:
                field = part["properties"][names[name]]
                field.setdefault("description", " ".join(words.split()).replace("``", "`"))


def _in_order(parts: dict[str, Any]) -> list[str]:
    """Names of parts as a reader comes to them from the report downwards."""
    found: list[str] = []
    waiting = ["Report"]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += re.findall(r"#/\$defs/(\w+)", str(parts[name]))
    return found


def _kind(field: dict[str, Any]) -> str:
    """The type of a field in words."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        kinds = [_kind(item) for item in field["anyOf"]]
        return "any" if len(kinds) > 4 else " or ".join(kinds)
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "prefixItems" in field:
        return f"[{', '.join(_kind(item) for item in field['prefixItems'])}]"
    if field.get("type") == "array":
        return f"list of {_kind(field['items'])}" if field.get("items") else "list"
    return str(field.get("type", "any"))


def _cell(words: str) -> str:
    return words.replace("|", "\\|")
