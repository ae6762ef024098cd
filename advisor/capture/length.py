"""Length of the script's training, read from the loops around its step and the values of their bounds."""

import ast
from dataclasses import dataclass
from typing import Any

from advisor.capture.events import Namespace, Place
from advisor.capture.loop import Loop, loops_around

_WRAPPERS = ("tqdm", "trange", "track", "enumerate", "progress_bar", "master_bar", "notebook_tqdm", "reversed", "list")
_SAFE = (
    ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context,
    ast.Subscript, ast.Slice, ast.Tuple, ast.List,
)  # fmt: skip
_SAFE_CALLS = {"int": int, "len": len, "max": max, "min": min, "round": round, "float": float, "abs": abs}
_SAFE_METHODS = ("size", "numel", "ceil", "floor")
"""Attributes of tensors, and of ``math`` and NumPy."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """One loop and its number of iterations.

    Attributes:
        node: The loop.
        count: Its iterations; None if unknown.
    """

    node: Loop
    count: int | None


def rounds_around(places: list[Place], place: Place, node: Loop | None) -> list[Rounds]:
    """All loops around a step, innermost first, with their numbers of iterations.

    Loops over names, such as the phases "train" and "val", are left out: one of their iterations has no step.
    """
    found: list[Rounds] = []
    started = False
    for other in places:
        if other is place:
            started = True
        if not started:
            continue
        space = {**other.frame.f_globals, **other.space}
        for loop in loops_around(other):
            if other is place and node is not None and loop.lineno > node.lineno:
                continue
            if loop is not node and _of_names(loop, space):
                continue
            found.append(Rounds(loop, _count(loop, space)))
    return found


def _of_names(loop: Loop, space: Namespace) -> bool:
    """Whether a loop iterates over a list of names, or the keys of a dictionary."""
    items = value_of(loop.iter, space) if isinstance(loop, ast.For) else None
    return isinstance(items, (list, tuple, dict)) and bool(items) and all(isinstance(item, str) for item in items)


def counts(loop: Loop) -> bool:
    """Whether a loop iterates over numbers rather than a loader."""
    iterated = loop.iter if isinstance(loop, ast.For) else None
    while isinstance(iterated, ast.Call) and iterated.args:
        if getattr(iterated.func, "id", getattr(iterated.func, "attr", "")) in ("range", "trange"):
            return True
        iterated = iterated.args[0]
    return False


def _count(loop: Loop, space: Namespace) -> int | None:
    if isinstance(loop, ast.For):
        return _length(loop.iter, space)
    return _bound(loop, space)


def _length(node: ast.expr, space: Namespace) -> int | None:
    """Length of ``range(...)`` or of a list, also inside ``tqdm`` and similar wrappers."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        values = [value_of(argument, space) for argument in node.args]
        if name in ("range", "trange") and values and all(isinstance(v, (int, float)) for v in values):
            return len(range(*map(int, values[:3])))
        if name in _WRAPPERS and node.args:
            return _length(node.args[0], space)
        return None
    if isinstance(node, (ast.List, ast.Tuple)) and not any(isinstance(item, ast.Starred) for item in node.elts):
        return len(node.elts)
    found = value_of(node, space)
    if isinstance(found, (range, list, tuple)):
        return len(found)
    total = getattr(found, "total", None)  # A tqdm created before the loop.
    return int(total) if isinstance(total, int) else None


def _bound(loop: ast.While, space: Namespace) -> int | None:
    """The limit of ``while step < limit``, or of ``if step >= limit: break`` inside ``while True``."""
    tests = [loop.test]
    for node in ast.walk(loop):
        if isinstance(node, ast.If) and any(isinstance(n, (ast.Break, ast.Return)) for n in node.body):
            tests.append(node.test)
    for test in tests:
        for part in ast.walk(test):
            if not isinstance(part, ast.Compare) or len(part.ops) != 1:
                continue
            left, right = value_of(part.left, space), value_of(part.comparators[0], space)
            counted = _is_counted(part.left, loop)
            if counted and isinstance(right, (int, float)) and isinstance(left, (int, float)) and right > left:
                more = isinstance(part.ops[0], (ast.LtE, ast.Gt))
                return int(right - left) + int(more)
    return None


def _is_counted(node: ast.expr, loop: ast.While) -> bool:
    """Whether the loop increments it."""
    name = ast.unparse(node)
    return any(isinstance(n, ast.AugAssign) and ast.unparse(n.target) == name for n in ast.walk(loop)) or any(
        isinstance(n, ast.Assign) and any(ast.unparse(t) == name for t in n.targets) for n in ast.walk(loop)
    )


def value_of(node: ast.expr, space: Namespace) -> Any:
    """The value of a plain expression, without calling user code; None if it is not plain."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            if getattr(part.func, "id", "") not in _SAFE_CALLS and getattr(part.func, "attr", "") not in _SAFE_METHODS:
                return None
        elif not isinstance(part, (*_SAFE, ast.keyword)):
            return None
    try:
        return eval(compile(ast.Expression(node), "<loop>", "eval"), {**space, "__builtins__": _SAFE_CALLS})
    except Exception:
        return None
