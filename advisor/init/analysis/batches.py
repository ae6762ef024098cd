"""Where batches come from in loops without a DataLoader: slices of tensors, a function that draws, a whole graph."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from typing import Literal

from advisor.init.analysis.loop import Loop
from advisor.init.script.source import Function, Script, targets
from advisor.init.script.tidy import Node, renamed, uses

Kind = Literal["slices", "draws", "windows", "nodes", "whole"]


@dataclass(frozen=True)
class Batches:
    """How batches are made by hand.

    Attributes:
        kind: ``slices`` of tensors by position, ``draws`` by a function, ``windows`` of one long sequence by a
            function of the position, ``nodes`` of a graph that is passed whole, ``whole``: all examples in each step.
        parts: Expressions of what is divided (tensors; for draws and windows the call; for nodes their indices).
        names: Variables of the step that a batch stands for.
        statements: The step with these taken out.
        call: The function that draws, or None.
    """

    kind: Kind
    parts: tuple[ast.expr, ...]
    names: tuple[str, ...]
    statements: tuple[ast.stmt, ...]
    loss: ast.expr
    call: ast.Call | None = None


def by_hand(script: Script, loop: Loop, model: str) -> Batches | None:
    """Recognises one of the kinds; None if it is none of them."""
    return _drawn(script, loop) or _sliced(loop) or _nodes(loop) or _whole(loop, model)


def _drawn(script: Script, loop: Loop) -> Batches | None:
    """``x, y = get_batch(...)``, in the loop or just before it."""
    counter = loop.counter[0] if loop.counter else ""
    for node in loop.statements:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _draws(script, node.value, loop):
            rest = tuple(s for s in loop.statements if s is not node)
            kind: Kind = "windows" if counter and counter in uses(node.value) else "draws"
            return Batches(kind, (node.value,), _names(node), rest, loop.loss, node.value)
    for name in sorted(loop.outer):
        for node in loop.scope.assigned.get(name, ()):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _draws(script, node.value, loop):
                return Batches("draws", (node.value,), _names(node), loop.statements, loop.loss, node.value)
    return None


def _names(node: ast.Assign) -> tuple[str, ...]:
    return tuple(ast.unparse(t) for t in targets(node))


def drawing(script: Script, call: ast.Call, loop: Loop) -> Function | None:
    """The function of this file behind a call such as ``get_batch("train")``."""
    if isinstance(call.func, ast.Name):
        return script.functions.get(call.func.id)
    own = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "self"
    if own and loop.scope.cls is not None and isinstance(call.func, ast.Attribute):
        return script.method(loop.scope.cls, call.func.attr)
    return None


def _draws(script: Script, call: ast.Call, loop: Loop) -> bool:
    node = drawing(script, call, loop)
    return node is not None and any(word in node.name.lower() for word in ("batch", "sample", "random_chunk", "data"))


def _sliced(loop: Loop) -> Batches | None:
    """``x[i:i + n]`` or ``x[index]`` with an index that depends on the counter."""
    if loop.counter is None:
        return None
    depend = {loop.counter[0]}
    for node in loop.statements:
        if not isinstance(node, ast.Assign):
            continue
        if _permuted(node.value, depend) or (uses(node.value) & depend and not _has_slice(node.value, depend)):
            depend |= {ast.unparse(t) for t in targets(node)}
    parts: dict[str, ast.expr] = {}
    found: dict[str, str] = {}
    for part in (*loop.statements, loop.loss):
        for inner in ast.walk(part):
            if not isinstance(inner, ast.Subscript) or not isinstance(inner.value, (ast.Name, ast.Attribute)):
                continue
            if uses(inner.slice) & depend and not _permuted(inner, depend):
                parts.setdefault(ast.unparse(inner.value), inner.value)
                found[ast.unparse(inner)] = ast.unparse(inner.value)
    if not parts or len(parts) > 4:
        return None
    parts = dict(sorted(parts.items(), key=lambda item: (item[1].lineno, item[1].col_offset)))
    names = {text: f"part{i}" for i, text in enumerate(parts)}
    swap = {text: names[whole] for text, whole in found.items()}
    statements: tuple[ast.stmt, ...] = tuple(_swapped(node, swap) for node in loop.statements
                       if not (isinstance(node, ast.Assign) and set(_names(node)) <= depend))  # fmt: skip
    statements = tuple(inner for node in statements for inner in _folded(node))
    loss = _swapped(loop.loss, swap)
    return Batches("slices", tuple(parts.values()), tuple(names.values()), statements, loss)


def _has_slice(node: ast.expr, depend: set[str]) -> bool:
    return any(isinstance(n, ast.Subscript) and uses(n.slice) & depend for n in ast.walk(node))


def _permuted(node: ast.AST, depend: set[str]) -> bool:
    """``permutation[i:i + n]``: still an index, not yet data."""
    return (
        isinstance(node, ast.Subscript)
        and bool(uses(node.slice) & depend)
        and any(word in ast.unparse(node.value).lower() for word in ("perm", "ind", "idx", "order", "shuf"))
    )


def _folded(node: ast.stmt) -> list[ast.stmt]:
    """The body of an ``if`` whose branches say the same (the last, shorter slice is like the others)."""
    if isinstance(node, ast.If) and [ast.unparse(s) for s in node.body] == [ast.unparse(s) for s in node.orelse]:
        return node.body
    return [node]


class _Swap(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        name = self.names.get(ast.unparse(node))
        return ast.copy_location(ast.Name(name, ast.Load()), node) if name else self.generic_visit(node)


def _swapped(node: Node, names: dict[str, str]) -> Node:

    return ast.fix_missing_locations(_Swap(names).visit(copy.deepcopy(node)))  # type: ignore[no-any-return]


def _nodes(loop: Loop) -> Batches | None:
    """``out = model(features, adj); loss = f(out[train], labels[train])``: the nodes in ``train`` are the examples."""
    texts: dict[str, ast.expr] = {}
    for node in (*loop.statements, loop.loss):
        for inner in ast.walk(node):
            index = inner.slice if isinstance(inner, ast.Subscript) else None
            if isinstance(index, (ast.Name, ast.Attribute)) and "train" in ast.unparse(index).lower():
                texts[ast.unparse(index)] = index
    if len(texts) != 1:
        return None
    text, expression = next(iter(texts.items()))
    statements = tuple(renamed(node, {text: "nodes"}) for node in loop.statements)
    return Batches("nodes", (expression,), ("nodes",), statements, renamed(loop.loss, {text: "nodes"}))


def _whole(loop: Loop, model: str) -> Batches | None:
    """``loss = f(model(x), y)`` with x and y from outside the loop."""
    if loop.over is not None:
        return None
    inputs: list[str] = []
    others: list[str] = []
    for node in (*loop.statements, loop.loss):
        for call in ast.walk(node):
            if isinstance(call, ast.Call):
                names = [
                    a for a in call.args if isinstance(a, (ast.Name, ast.Attribute)) and ast.unparse(a) in loop.outer
                ]
                said = [ast.unparse(a) for a in names]
                if ast.unparse(call.func) == model:
                    inputs += said
                elif said and (
                    "loss" in ast.unparse(call.func).lower() or "criterion" in ast.unparse(call.func).lower()
                ):
                    others += said
    used = list(dict.fromkeys([*inputs, *others]))
    if not inputs or len(used) < 2 or len(used) > 4:
        return None
    parts = tuple(ast.parse(name, mode="eval").body for name in used)
    swap: dict[str, str | ast.expr] = {name: f"part{i}" for i, name in enumerate(used)}
    statements = tuple(renamed(node, swap) for node in loop.statements)
    return Batches("whole", parts, tuple(f"part{i}" for i in range(len(used))), statements, renamed(loop.loss, swap))
