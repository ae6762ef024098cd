"""The script's own loop body as a step: found around ``backward()``, compiled separately, run on a batch."""

import ast
import gc
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FrameType, FunctionType
from typing import Any

from advisor.capture.events import Namespace, Place
from advisor.capture.rounds import Started
from advisor.capture.source import tree_of

ITEMS = "__advisor_items__"
LOADER = "__advisor_loader__"
_WRAPPERS = ("enumerate", "tqdm", "iter", "track", "progress_bar", "zip", "trange", "islice")
_UNKNOWN = object()
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Loop = ast.For | ast.While


@dataclass(frozen=True, slots=True)
class Body:
    """A candidate for the step.

    Attributes:
        place: Its position.
        node: The loop, or None if a function gets the batch.
        code: The compiled body.
        iterated: The iterated expression, compiled, if it is not a loader; else None.
        function: The function that gets the batch, its arguments, and which of them is the batch; or None.
        started: The beginning of the round of the first ``backward()``, if no loader gives batches; or None.
    """

    place: Place
    node: Loop | None
    code: CodeType | None
    iterated: CodeType | None = None
    function: tuple[FunctionType, tuple[Any, ...], int] | None = None
    started: Started | None = None

    @property
    def lines(self) -> tuple[int, int]:
        """First and last line of the loop in its file."""
        if self.node is None:
            first = self.place.frame.f_code.co_firstlineno
            return first, self.place.line
        return self.node.lineno, self.node.end_lineno or self.node.lineno

    def run(self, space: Namespace, batch: Any, item: bool) -> None:
        """Runs the body once.

        Args:
            space: Namespace that it reads and changes.
            batch: Value of the loop variable if ``item``, or the argument of the function.
            item: Whether ``batch`` is an item of the iterated expression rather than a batch of a loader.
        """
        if self.function is not None:
            function, arguments, position = self.function
            function(*arguments[:position], batch, *arguments[position + 1 :])
            return
        if item:
            space[ITEMS] = [batch]
        assert self.code is not None
        exec(self.code, space)

    def items(self) -> Any:
        """The iterated expression, from its beginning."""
        if self.iterated is None:
            return itertools.count()
        return eval(self.iterated, dict(self.space()))

    def first_item(self) -> Any:
        """The item of the script's first step; drawn again if the loop has no variable."""
        target = self.node.target if isinstance(self.node, ast.For) else None
        names = [target] if isinstance(target, ast.Name) else list(getattr(target, "elts", []))
        space = self.place.space if self.started is None else self.started.space
        known = [space.get(n.id, _UNKNOWN) for n in names if isinstance(n, ast.Name)]
        if known and len(known) == len(names) and not any(value is _UNKNOWN for value in known):
            return known[0] if isinstance(target, ast.Name) else tuple(known)
        return next(iter(self.items()))

    def space(self) -> Namespace:
        """A fresh copy of the namespace at the beginning of the first step."""
        space = self.place.space if self.started is None else self.started.space
        return {**self.place.frame.f_globals, **space}


def bodies(places: list[Place], others: list[Place], batch: Any, loaded: bool) -> Iterator[Body]:
    """Candidates for the step, innermost loop first, functions that get the batch last.

    Args:
        places: Frames of the user's code around the first ``backward()``.
        others: Frames of installed packages there.
        batch: The batch of the loader.
        loaded: Whether a loader gave it.
    """
    for place in places:
        for node in loops_around(place):
            for made_anew in (False, True) if loaded and isinstance(node, ast.For) else (False,):
                body = compiled(place, node, loaded, made_anew)
                if body is not None:
                    yield body
    for place in [*places, *others]:
        body = _taking(place, batch)
        if body is not None:
            yield body
    for place in others:
        for node in loops_around(place):
            body = compiled(place, node, loaded)
            if body is not None:
                yield body


def loops_around(place: Place) -> list[Loop]:
    """Loops of the same function around the line, innermost first."""
    tree = tree_of(place.file)
    if tree is None:
        return []
    start = max((n.lineno for n in ast.walk(tree) if isinstance(n, _FUNCTIONS) and _holds(n, place.line)), default=0)
    if place.frame.f_code.co_name == "<module>":
        start = 0
    found = [n for n in ast.walk(tree) if isinstance(n, (ast.For, ast.While)) and _holds(n, place.line)]
    inside = [n for n in found if n.lineno >= start and not n.lineno <= place.line < n.body[0].lineno]
    return sorted(inside, key=lambda n: -n.lineno)


def _holds(node: Any, line: int) -> bool:
    return bool(node.lineno <= line <= (node.end_lineno or node.lineno))


def compiled(place: Place, node: Loop, loaded: bool, made_anew: bool = False) -> Body | None:
    """The body of a loop as separate code; None if that is not possible.

    Args:
        place: The frame of the loop.
        node: The loop.
        loaded: Whether a loader gives its batches; otherwise each round gets an item of the iterated expression.
        made_anew: Whether the iterated expression creates the loader, which is then replaced by its name.
    """
    plain = _Plain(_class_of(place.frame))
    body = [plain.visit(statement) for statement in _copied(node).body]
    iterated = None
    if isinstance(node, ast.While):
        new: ast.stmt = ast.While(ast.Constant(True), body, [])
    elif loaded:
        iterator = plain.visit(_copied(node).iter)
        if made_anew:
            iterator, changed = _of_loader(iterator)
            if not changed:
                return None
        new = ast.For(node.target, iterator, body, [])
    else:
        new = ast.For(node.target, ast.Name(ITEMS, ast.Load()), body, [])
        iterated = _compile(ast.Expression(plain.visit(_copied(node).iter)), place.file, "eval")
    code = _compile(ast.Module([ast.copy_location(new, node)], []), place.file, "exec")
    return None if code is None else Body(place, node, code, iterated)


def _of_loader(node: ast.expr) -> tuple[ast.expr, bool]:
    """The expression with the call that creates the loader replaced by its name."""
    if not isinstance(node, ast.Call):
        return node, False
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name in _WRAPPERS and node.args:
        node.args[0], changed = _of_loader(node.args[0])
        return node, changed
    return ast.Name(LOADER, ast.Load()), True


def _copied(node: Loop) -> Any:
    import copy

    return copy.deepcopy(node)


def _compile(node: Any, file: str, mode: str) -> CodeType | None:
    try:
        return compile(ast.fix_missing_locations(node), file, mode)
    except (SyntaxError, ValueError):
        return None


def _class_of(frame: FrameType) -> str:
    """The class whose method a frame runs, for private names."""
    parts = frame.f_code.co_qualname.split(".")
    return parts[-2] if len(parts) > 1 and parts[-2] != "<locals>" else ""


def _taking(place: Place, batch: Any) -> Body | None:
    """The function of a frame, if the batch is one of its arguments."""
    code = place.frame.f_code
    names = code.co_varnames[: code.co_argcount]
    values = [place.frame.f_locals.get(name) for name in names]
    at = [i for i, value in enumerate(values) if batch is not None and value is batch]
    made = [found for found in gc.get_referrers(code) if isinstance(found, FunctionType)]
    if not at or not made:
        return None
    return Body(place, None, None, None, (made[0], tuple(values), at[0]))


class _Plain(ast.NodeTransformer):
    """Rewrites statements that are not allowed outside a function or a class."""

    def __init__(self, owner: str) -> None:
        self._owner = owner.lstrip("_")

    def visit_Return(self, node: ast.Return) -> ast.AST:
        return ast.copy_location(ast.Break(), node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    def visit_Yield(self, node: ast.Yield) -> ast.AST:
        return ast.copy_location(node.value or ast.Constant(None), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if self._owner and node.attr.startswith("__") and not node.attr.endswith("__"):
            node.attr = f"_{self._owner}{node.attr}"
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if self._owner and node.id.startswith("__") and not node.id.endswith("__"):
            node.id = f"_{self._owner}{node.id}"
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node
