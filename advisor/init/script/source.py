"""A training script as a syntax tree: what it imports and defines, which scopes it has, who calls whom."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from advisor.errors import ContractError

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(eq=False)
class Scope:
    """Where statements run: the module (``node`` None) or one function.

    Attributes:
        node: The function, or None for the module and its ``__main__`` block.
        body: Its statements; those of the ``__main__`` block stand with the module's.
        parent: The enclosing function's scope or the module's.
        cls: The class that the function is a method of.
    """

    node: Function | None
    body: list[ast.stmt]
    parent: Scope | None = None
    cls: ast.ClassDef | None = None
    assigned: dict[str, list[ast.stmt]] = field(default_factory=dict)

    @property
    def params(self) -> list[str]:
        """Names of the parameters, ``self`` included."""
        if self.node is None:
            return []
        a = self.node.args
        return [p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)]


@dataclass(frozen=True)
class Import:
    """One imported name: ``text`` imports just it, ``dotted`` says what it is."""

    text: str
    dotted: str
    node: ast.stmt


class Script:
    """A parsed script; its ``lines`` are those that Python counts, which ends none at a form feed.

    Args:
        path: The file.

    Raises:
        ContractError: If it cannot be read, or is no Python 3.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = _read(path)
        self.lines = self.text.split("\n")
        try:
            self.tree = ast.parse(self.text)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            raise ContractError(
                "a Python 3 script", f"{path.name}{f', line {line}' if line else ''}: {error}", "correct that line"
            ) from error
        self.parent = {id(c): node for node in ast.walk(self.tree) for c in ast.iter_child_nodes(node)}
        self.guarded: set[int] = set()
        self.guarded_tests: set[int] = set()
        self.module = Scope(None, self._module_body())
        self.functions: dict[str, Function] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        for node in _top_level(self.module.body):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.functions.setdefault(node.name, node)
            elif isinstance(node, ast.ClassDef):
                self.classes.setdefault(node.name, node)
        self.imports: dict[str, Import] = {}
        self.stars: list[ast.ImportFrom] = []
        self._read_imports()
        self.scopes: dict[int, Scope] = {}
        self._calls: dict[int, list[ast.Call]] = {}
        _note_assignments(self.module)

    def _module_body(self) -> list[ast.stmt]:
        body: list[ast.stmt] = []
        for node in self.tree.body:
            if is_main_guard(node):
                assert isinstance(node, ast.If)
                self.guarded |= {id(inner) for statement in node.body for inner in ast.walk(statement)}
                self.guarded_tests.add(id(node))
                body.extend(node.body)
            else:
                body.append(node)
        return body

    def _read_imports(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    text = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
                    dotted = alias.name if alias.asname else name
                    if name in self.imports and not alias.asname and alias.name != name:
                        text = f"{self.imports[name].text}\n{text}"
                    self.imports[name] = Import(text, dotted, node)
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (node.module or "")
                for alias in node.names:
                    if alias.name == "*":
                        self.stars.append(node)
                    elif base != "__future__":
                        name = alias.asname or alias.name
                        text = f"from {base} import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
                        self.imports.setdefault(name, Import(text, f"{base}.{alias.name}", node))

    def scope_of(self, node: ast.AST) -> Scope:
        """The scope in which ``node`` stands (a function's own scope for nodes of its body)."""
        found = self.parent.get(id(node))
        while found is not None and not isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found = self.parent.get(id(found))
        return self.module if found is None else self.scope(found)

    def scope(self, node: Function) -> Scope:
        """The scope of a function."""
        if id(node) not in self.scopes:
            above = self.parent.get(id(node))
            cls = above if isinstance(above, ast.ClassDef) else None
            scope = Scope(node, node.body, None, cls)
            _note_assignments(scope)
            self.scopes[id(node)] = scope
            scope.parent = self.scope_of(node)
        return self.scopes[id(node)]

    def method(self, cls: ast.ClassDef, name: str) -> Function | None:
        """A method of a class of this file."""
        for node in cls.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
                return node
        return None

    def calls(self, node: Function) -> list[ast.Call]:
        """Calls of a function (of a class for ``__init__``, of a method by its name), the definition's own left out."""
        if id(node) in self._calls:
            return self._calls[id(node)]
        above = self.parent.get(id(node))
        method = isinstance(above, ast.ClassDef)
        wanted = above.name if isinstance(above, ast.ClassDef) and node.name == "__init__" else node.name
        inside = {id(inner) for inner in ast.walk(node)}
        found = []
        for call in ast.walk(self.tree):
            if not isinstance(call, ast.Call) or id(call) in inside:
                continue
            named = isinstance(call.func, ast.Name) and call.func.id == wanted
            called = method and isinstance(call.func, ast.Attribute) and call.func.attr == wanted
            if named or (called and node.name != "__init__"):
                found.append(call)
        self._calls[id(node)] = sorted(found, key=lambda call: call.lineno)
        return self._calls[id(node)]

    def dotted(self, node: ast.AST) -> str:
        """``optim.SGD`` as ``torch.optim.SGD``: the full name behind a name or attribute, as far as imports tell."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ".".join(reversed(parts))
        head = self.imports[node.id].dotted if node.id in self.imports else node.id
        return ".".join([head, *reversed(parts)])

    def enclosing(self, node: ast.AST) -> Iterator[ast.AST]:
        """Everything around a node, innermost first, up to its function or the module."""
        found = self.parent.get(id(node))
        while found is not None and not isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
            yield found
            found = self.parent.get(id(found))

    def segment(self, node: Function | ast.ClassDef) -> str:
        """The source of a definition, decorators and comments included, without the indentation of a block.

        Where taking that away would change a string of several lines, what Python writes for it, without comments.
        """
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        text = "\n".join(self.lines[first - 1 : node.end_lineno])
        if not node.col_offset:
            return text
        text = textwrap.dedent(text)
        return text if _same(text, node) else ast.unparse(node)


def is_main_guard(node: ast.stmt) -> bool:
    """Whether it is ``if __name__ == "__main__":``."""
    return isinstance(node, ast.If) and any(
        isinstance(inner, ast.Name) and inner.id == "__name__" for inner in ast.walk(node.test)
    )


def leaves(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Every simple statement, also inside if, for, while, with and try; not inside functions and classes."""
    for node in body:
        inner = blocks(node)
        if inner:
            for block in inner:
                yield from leaves(block)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node


def blocks(node: ast.AST) -> list[list[ast.stmt]]:
    """The blocks of a compound statement."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return []
    found = [getattr(node, name) for name in ("body", "orelse", "finalbody") if isinstance(node, ast.stmt)
             and isinstance(getattr(node, name, None), list)]  # fmt: skip
    return found + [handler.body for handler in getattr(node, "handlers", [])]


def targets(node: ast.AST) -> list[ast.expr]:
    """What a statement binds or changes: names, attributes, items, also of loops and with."""
    if isinstance(node, ast.Assign):
        found = list(node.targets)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For)):
        found = [node.target]
    elif isinstance(node, ast.With):
        found = [item.optional_vars for item in node.items if item.optional_vars is not None]
    else:
        return []
    flat: list[ast.expr] = []
    while found:
        item = found.pop(0)
        if isinstance(item, (ast.Tuple, ast.List)):
            found = [*item.elts, *found]
        else:
            flat.append(item.value if isinstance(item, ast.Starred) else item)
    return flat


def root(node: ast.expr) -> str:
    """The variable that a target belongs to: ``x`` of ``x.a[0]``, ``self.x`` of ``self.x.a``."""
    chain: list[ast.expr] = [node]
    while isinstance(chain[-1], (ast.Attribute, ast.Subscript, ast.Call)):
        last = chain[-1]
        chain.append(last.func if isinstance(last, ast.Call) else last.value)
    base = chain[-1]
    if not isinstance(base, ast.Name):
        return ""
    above = chain[-2] if len(chain) > 1 else None
    if base.id == "self" and isinstance(above, ast.Attribute):
        return f"self.{above.attr}"
    return base.id


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        for block in blocks(node):
            yield from _top_level(block)


_CHANGES = ("update", "append", "extend", "setdefault", "insert", "add", "apply", "add_module", "register_buffer",
            "requires_grad_", "resize_token_embeddings", "add_special_tokens", "set_format", "setup", "prepare_data",
            "load_data", "init_weights", "build", "add_tokens")  # fmt: skip


def _note_assignments(scope: Scope) -> None:
    """Who binds or changes which variable."""

    def note(name: str, node: ast.stmt) -> None:
        if name:
            scope.assigned.setdefault(name, []).append(node)

    def walk(body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                if scope.node is not None:
                    note(node.name, node)
                continue
            for target in targets(node):
                note(root(target), node)
            for inner in ast.walk(node) if not blocks(node) else ():
                if isinstance(inner, ast.NamedExpr):
                    note(root(inner.target), node)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                call = node.value.func
                if isinstance(call, ast.Attribute) and call.attr in _CHANGES:
                    note(root(call.value), node)
            if isinstance(node, ast.For) and isinstance(node.target, (ast.Name, ast.Tuple)):
                bound = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
                for leaf in leaves(node.body):
                    if any(isinstance(t, ast.Attribute) and root(t) in bound for t in targets(leaf)):
                        note(root(node.iter), leaf)
            for block in blocks(node):
                walk(block)

    walk(scope.body)


def _same(text: str, node: ast.AST) -> bool:
    """Whether a text is a definition and nothing else."""
    try:
        return [ast.dump(found) for found in ast.parse(text).body] == [ast.dump(node)]
    except SyntaxError:
        return False


def _read(path: Path) -> str:
    if path.is_dir():
        raise ContractError("a Python script", f"the folder {path}", "name the file that trains")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError("a readable Python script", f"{path}: {error}", "check the path") from error
