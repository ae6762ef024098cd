"""JSON Schema and documentation pages of all results, generated from the typed parts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection
from typing import Any

import msgspec

from advisor.schema.base import Facts, Part
from advisor.schema.carrying import CarryReport
from advisor.schema.commands import InitReport, TrainReport
from advisor.schema.comparison import ComparisonReport
from advisor.schema.planning import PlanReport
from advisor.schema.reading import ReadReport
from advisor.schema.report import SCHEMA, Report
from advisor.schema.watching import WatchReport

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

_OTHERS_INTRO = """# The other results

What the other commands print with `--format json`, one document on stdout; parts shared with
[report.json](report-schema.md) are described there. As JSON Schema, by the name of the root:
[schemas.json](schemas.json).
"""


def json_schema(root_kind: type[Part] = Report, title: str = f"report.json, schema {SCHEMA}") -> Facts:
    """JSON Schema of a result, with the descriptions from the docstrings."""
    (root,), parts = msgspec.json.schema_components([root_kind], ref_template="#/$defs/{name}")
    if "Verdict" in parts:
        parts["Verdict"]["description"] = "What a rule answers"
    for kind in _parts(Part):
        if kind.__name__ in parts:
            _describe(parts[kind.__name__], kind)
    head: Facts = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return {**head, **root, "$defs": parts}


OTHERS: tuple[tuple[type[Part], str], ...] = (
    (PlanReport, "advisor plan --format json"),
    (ComparisonReport, "compare.json, advisor compare --format json"),
    (ReadReport, "advisor read --format json"),
    (CarryReport, "advisor carry --format json"),
    (WatchReport, "watch.json, advisor watch --format json"),
    (InitReport, "advisor init --format json"),
    (TrainReport, "advisor train --format json"),
)
"""The results other than report.json, and the commands that write them."""


def others_schema() -> Facts:
    """JSON Schema of all other results, by the name of the root."""
    return {kind.__name__: json_schema(kind, where) for kind, where in OTHERS}


def others_page() -> str:
    """The same as Markdown; parts that are on the page of report.json are not repeated."""
    told = set(_parts_of(Report))
    sections = [_OTHERS_INTRO]
    for kind, where in OTHERS:
        parts = _parts_of(kind)
        sections.append(f"## {where}\n")
        sections += [text for name in _in_order(parts, kind.__name__) if name not in told
                     for text in _sections(name, parts[name], "###", told)]  # fmt: skip
        told |= set(parts)
    return "\n".join(sections)


def page() -> str:
    """The schema of report.json as Markdown: one table for each part, in order of occurrence."""
    parts = _parts_of(Report)
    return "\n".join([_INTRO, *(text for name in _in_order(parts, "Report") for text in _sections(name, parts[name]))])


def _parts_of(kind: type[Part]) -> dict[str, Any]:
    parts = json_schema(kind)["$defs"]
    assert isinstance(parts, dict)
    return parts


def _sections(name: str, part: dict[str, Any], head: str = "##", elsewhere: Collection[str] = ()) -> list[str]:
    """One part as Markdown; empty if it has neither fields nor values to describe."""
    sections: list[str] = []
    rows = [
        f"| `{key}` | {_kind(field, elsewhere)} | {_cell(field.get('description', ''))} |"
        for key, field in part.get("properties", {}).items()
    ]
    if "enum" in part:
        sections.append(f"{head} {name}\n\n{part['description']}: {_kind(part)}.\n")
    if rows:
        table = "\n".join(["| key | value | what it is |", "|---|---|---|", *rows])
        sections.append(f"{head} {name}\n\n{part['description']}\n\n{table}\n")
    return sections


def _parts(kind: type[Part]) -> list[type[Part]]:
    return [found for child in kind.__subclasses__() for found in (child, *_parts(child))]


def _describe(part: dict[str, Any], kind: type[Part]) -> None:
    """Copies the first paragraph of the docstring and the descriptions of the fields into the schema of a part."""
    part["description"] = (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("``", "`")
    names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    for ancestor in kind.__mro__:
        for name, words in re.findall(r"^    (\w+): ((?:.|\n {8})*)", inspect.getdoc(ancestor) or "", re.MULTILINE):
            if name in names:
                field = part["properties"][names[name]]
                field.setdefault("description", " ".join(words.split()).replace("``", "`"))


def _in_order(parts: dict[str, Any], root: str) -> list[str]:
    """Names of the parts in the order in which a reader reaches them from the root."""
    found: list[str] = []
    waiting = [root]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += re.findall(r"#/\$defs/(\w+)", str(parts[name]))
    return found


def _kind(field: dict[str, Any], elsewhere: Collection[str] = ()) -> str:
    """The type of a field as text; parts in ``elsewhere`` link to where they are described."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        there = "report-schema.md" if name in elsewhere and name in _parts_of(Report) else ""
        return f"[{name}]({there}#{name.lower()})"
    if "anyOf" in field:
        kinds = [_kind(item, elsewhere) for item in field["anyOf"]]
        return "any" if len(kinds) > 4 else " or ".join(kinds)
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "prefixItems" in field:
        return f"[{', '.join(_kind(item, elsewhere) for item in field['prefixItems'])}]"
    if field.get("type") == "array":
        return f"list of {_kind(field['items'], elsewhere)}" if field.get("items") else "list"
    return str(field.get("type", "any"))


def _cell(words: str) -> str:
    return words.replace("|", "\\|")
