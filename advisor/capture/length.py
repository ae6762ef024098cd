"""Length of the script's training, read from the loops around its step and the values of their bounds."""

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from advisor.capture.events import Namespace, Place
from advisor.capture.loop import Loop, loops_around

_WRAPPERS = ("tqdm", "trange", "track", "enumerate", "progress_bar", "master_bar", "notebook_tqdm", "reversed", "list")
_SAFE = (
    ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context,
    ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Compare, ast.cmpop, ast.BoolOp, ast.boolop,
)  # fmt: skip
_SAFE_CALLS = {"int": int, "len": len, "max": max, "min": min, "round": round, "float": float, "abs": abs}
_MOST_ROUNDS = 100_000
_SURELY = 2
_SAFE_METHODS = ("size", "numel", "ceil", "floor")
"""Attributes of tensors, and of ``math`` and NumPy."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """One loop and its number of iterations.

    Attributes:
        node: The loop.
        count: Its rounds; None if that cannot be told.
        frame: The frame that it runs in.
        inner: Whether that counts rounds of a loop inside of it, as of ``while step < limit: for ...: step += 1``.
    """

    node: Loop
    count: int | None
    frame: FrameType
    inner: bool = False


def product(rounds: list[Rounds]) -> int | None:
    """How often the innermost of them runs; None if that cannot be told of one."""
    counts = [None if r.inner else r.count for r in rounds]
    return None if None in counts else math.prod(count for count in counts if count is not None)


def of_one_training(rounds: list[Rounds], makes: Callable[[FrameType, int], bool | None]) -> list[Rounds]:
    """Those of the loops that go on with one training.

    Args:
        rounds: From the innermost loop outwards.
        makes: Whether a round of a loop makes the model and the optimizer anew, as loops over folds and seeds do.

    Returns:
        The loops inside of the first one that does; of those of which nothing is known only the inner two.
    """
    found: list[Rounds] = []
    for each in rounds:
        anew = makes(each.frame, each.node.lineno)
        if anew:
            break
        if anew is False or len(found) < _SURELY:
            found.append(each)
    return found


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
            count = _count(loop, space)
            count = count if count is None else count - _idle(loop, other.line, space)
            found.append(Rounds(loop, count, other.frame, _counts_inside(loop)))
    return found


def _idle(loop: Loop, line: int, space: Namespace) -> int:
    """Rounds of a loop that do not come to a line, as those before ``if epoch > 0:`` holds, or of ``if is_train:``."""
    if not isinstance(loop, ast.For):
        return 0
    stored = {n.id for part in loop.body for n in ast.walk(part) if isinstance(n, ast.Name) and _stores(n)}
    targets = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
    items = _items(loop.iter, space)
    if items is None or len(items) > _MOST_ROUNDS or targets & stored:
        return 0
    idle: set[int] = set()
    for node in (n for part in loop.body for n in ast.walk(part) if isinstance(n, ast.If)):
        inside = [any(n.lineno <= line <= (n.end_lineno or 0) for n in part) for part in (node.body, node.orelse)]
        read = {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}
        if any(inside) and targets & read and not read & stored:
            told = [value_of(node.test, {**space, **_bound_to(loop.target, item)}) for item in items]
            idle |= {at for at, value in enumerate(told) if value is not None and bool(value) is not inside[0]}
    return len(idle) if len(idle) < len(items) else 0


def _bound_to(target: ast.expr, item: Any) -> Namespace:
    """Names that a loop gives an item, or the parts of one."""
    if isinstance(target, ast.Name):
        return {target.id: item}
    parts = item if isinstance(item, (list, tuple)) else ()
    names = getattr(target, "elts", [])
    return {n.id: part for n, part in zip(names, parts, strict=False) if isinstance(n, ast.Name)}


def _items(node: ast.expr, space: Namespace) -> range | list[Any] | tuple[Any, ...] | None:
    """What a loop goes through, if it is numbers or a list that the script has written down."""
    if isinstance(node, ast.Call):
        return _numbers(node, space)
    found = value_of(node, space)
    return found if isinstance(found, (list, tuple, range)) else None


def _stores(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _numbers(node: ast.expr, space: Namespace) -> range | None:
    """The numbers of ``range(...)``, also inside ``tqdm`` and its like."""
    if not isinstance(node, ast.Call) or not node.args:
        return None
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name in _WRAPPERS and name not in ("trange", "enumerate"):
        return _numbers(node.args[0], space)
    values = [value_of(argument, space) for argument in node.args]
    if name not in ("range", "trange") or not all(isinstance(value, (int, float)) for value in values):
        return None
    return range(*map(int, values[:3]))


def _of_names(loop: Loop, space: Namespace) -> bool:
    """Whether a loop iterates over a list of names, or the keys of a dictionary."""
    items = value_of(loop.iter, space) if isinstance(loop, ast.For) else None
    return isinstance(items, (list, tuple, dict)) and bool(items) and all(isinstance(item, str) for item in items)


def counts(loop: Loop, space: Namespace) -> bool:
    """Whether a loop goes through numbers, or up to a limit, so that the loader's passes are no rounds around it."""
    if isinstance(loop, ast.While):
        return _bound(loop, space) is not None
    iterated: ast.expr = loop.iter
    while isinstance(iterated, ast.Call) and iterated.args:
        if getattr(iterated.func, "id", getattr(iterated.func, "attr", "")) in ("range", "trange"):
            return True
        iterated = iterated.args[0]
    value = value_of(iterated, space)
    return isinstance(getattr(value, "iterable", value), range)  # The latter of a tqdm that was made before.


def _count(loop: Loop, space: Namespace) -> int | None:
    if isinstance(loop, ast.For):
        return _length(loop.iter, space)
    return _bound(loop, space)


def _length(node: ast.expr, space: Namespace) -> int | None:
    """Length of ``range(...)`` or of a list, also inside ``tqdm`` and similar wrappers."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        numbers = _numbers(node, space)
        if numbers is not None:
            return len(numbers)
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


def _is_counted(node: ast.expr, loop: Loop) -> bool:
    """Whether the loop adds to it."""
    name = ast.unparse(node)
    return any(isinstance(n, ast.AugAssign) and ast.unparse(n.target) == name for n in ast.walk(loop)) or any(
        isinstance(n, ast.Assign) and any(ast.unparse(t) == name for t in n.targets) for n in ast.walk(loop)
    )


def _counts_inside(loop: Loop) -> bool:
    """Whether what the test of a ``while`` compares is counted by a loop inside of it."""
    if not isinstance(loop, ast.While):
        return False
    inside = [n for part in loop.body for n in ast.walk(part) if isinstance(n, (ast.For, ast.While))]
    tests = [part.left for part in ast.walk(loop.test) if isinstance(part, ast.Compare)]
    return any(_is_counted(test, other) for test in tests for other in inside)


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
