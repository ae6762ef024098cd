"""A training script as text and syntax tree; a notebook is the text of its cells."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from advisor.errors import ContractError

Function = ast.FunctionDef | ast.AsyncFunctionDef
_MAGIC = re.compile(r"^(\s*)(?:!|%(?=[a-zA-Z%])).*$")
_SHELL_VALUE = re.compile(r"=\s*[!%]\S")
_TIMED = ("%%time", "%%capture")


@dataclass
class Source:
    """A parsed script.

    Attributes:
        tree: Its syntax tree.
        lines: Its lines.
        parents: The node around each node.
        functions: Functions and methods by name.
    """

    tree: ast.Module
    lines: list[str]
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    functions: dict[str, list[Function]] = field(default_factory=dict)

    @staticmethod
    def of(text: str) -> "Source":
        """Parses a text.

        Raises:
            SyntaxError: If it is no Python.
        """
        source = Source(ast.parse(text), text.split("\n"))
        for node in ast.walk(source.tree):
            for child in ast.iter_child_nodes(node):
                source.parents[child] = node
            if isinstance(node, Function):
                source.functions.setdefault(node.name, []).append(node)
        return source

    def line(self, node: ast.AST) -> tuple[int, str]:
        """Number and text of the line of a node."""
        number = int(getattr(node, "lineno", 1))
        return number, self.lines[number - 1].strip() if number <= len(self.lines) else ""

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around one, from the inside out."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def called(self, part: ast.AST) -> list[Function]:
        """Functions of the script that are called by name in a part, and those that these call."""
        found: list[Function] = []
        stack: list[ast.AST] = [part]
        while stack:
            for call in calls(stack.pop()):
                for function in self.functions.get(called_name(call), []):
                    if function not in found:
                        found.append(function)
                        stack.append(function)
        return found

    def packages(self) -> set[str]:
        """The packages that it imports, anywhere."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").partition(".")[0])
        return found


def calls(node: ast.AST) -> list[ast.Call]:
    """Every call below a node, by line and column."""
    found = [item for item in ast.walk(node) if isinstance(item, ast.Call)]
    return sorted(found, key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))


def called_name(call: ast.Call) -> str:
    """The last part of what is called: ``step`` of ``self.optimizer.step()``."""
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def receiver(call: ast.Call) -> str:
    """What a method is called on, as text; empty for a plain function."""
    return ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def script_text(path: Path) -> str:
    """The Python of a script or notebook; shell commands and magics of a notebook become ``pass``.

    Raises:
        ContractError: If it cannot be read.
    """
    if path.is_dir() or not path.exists():
        found = f"the folder {path}" if path.is_dir() else f"nothing at {path}"
        raise ContractError("a training script", found, "name the file that starts the training")
    try:
        text = path.read_text(encoding="utf-8-sig")
        return _cells(text) if path.suffix == ".ipynb" else text
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ContractError(
            "a readable script or notebook", f"{path.name}: {type(error).__name__}: {error}", "check the file"
        ) from error


def parsed(path: Path) -> Source:
    """The syntax tree of a script or notebook.

    Raises:
        ContractError: If it cannot be read, or is no Python.
    """
    try:
        return Source.of(script_text(path))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise ContractError(
            "a Python 3 script", f"{path.name}{f', line {line}' if line else ''}: {error}", "correct that line"
        ) from error


def _cells(text: str) -> str:
    """The code cells of a notebook, one after the other."""
    lines: list[str] = []
    book = json.loads(text)
    for cell in book["cells"] if "cells" in book else [c for sheet in book["worksheets"] for c in sheet["cells"]]:
        if cell["cell_type"] != "code":
            continue
        given = cell["source"] if "source" in cell else cell["input"]  # Before the fourth format of notebooks.
        source = given if isinstance(given, str) else "".join(given)
        if source.lstrip().startswith("%%") and not source.lstrip().startswith(_TIMED):
            continue
        lines += [*(source.split("\n") if _is_python(source) else map(_without_magic, source.split("\n"))), ""]
    return "\n".join(lines)


def _is_python(source: str) -> bool:
    """Whether a cell is Python as it stands, so that a line that begins with ``%`` goes on with an expression."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def _without_magic(line: str) -> str:
    return (_SHELL_VALUE.search(line) and _shell_value(line)) or _MAGIC.sub(r"\1pass", line)


def _shell_value(line: str) -> str:
    """``files = !ls`` without its command."""
    head, _, rest = line.partition("=")
    return f"{head}= []" if rest.lstrip()[:1] in ("!", "%") and head.strip().isidentifier() else line
