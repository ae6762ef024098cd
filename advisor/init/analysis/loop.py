"""The training loop: where ``backward`` is called, what it loops over, which statements lead to the loss."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from advisor.init.script.slicing import passing
from advisor.init.script.source import Scope, Script, blocks, leaves, root, targets
from advisor.init.script.tidy import empty, tidied, uses
from advisor.init.script.values import UNKNOWN, Values


@dataclass(frozen=True)
class Loop:
    """A training loop.

    Attributes:
        backward: The call.
        scope: The function (or module) that it stands in.
        loss: The expression of the loss, as it is passed on.
        over: What the batch loop iterates over, progress bars and ``enumerate`` taken off; None if there is none.
        target: What the loop binds for each batch, or None.
        counter: Target and ``range`` of a loop that counts, if the batch loop is one.
        statements: Those that lead to the loss, in order.
        outer: Variables they read that are set before the loop.
        line: First line of the batch loop.
    """

    backward: ast.Call
    scope: Scope
    loss: ast.expr
    over: ast.expr | None
    target: ast.expr | None
    counter: tuple[str, ast.Call] | None
    statements: tuple[ast.stmt, ...]
    outer: frozenset[str]
    line: int


def find_loop(script: Script, values: Values) -> Loop | None:
    """The first training loop of the script, one that runs over batches before one that does not."""
    calls = [n for n in ast.walk(script.tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
             and n.func.attr in ("backward", "manual_backward") and not _autograd(script, n)]  # fmt: skip
    loops = [_read(script, values, call) for call in sorted(calls, key=lambda c: c.lineno)]
    batched = [loop for loop in loops if loop.over is not None]
    return next(iter(batched or loops), None)


def _autograd(script: Script, node: ast.AST) -> bool:
    scope = script.scope_of(node)
    return scope.cls is not None and any("Function" in ast.unparse(base) for base in scope.cls.bases)


def _read(script: Script, values: Values, call: ast.Call) -> Loop:
    scope = script.scope_of(call)
    around = list(script.enclosing(call))
    batch = _batch_loop(values, around, scope)
    over, target, counter = None, None, None
    if isinstance(batch, ast.For):
        over, target = _unwrapped(batch.iter, batch.target, values, scope)
        if isinstance(over, ast.Call) and getattr(over.func, "id", "") in ("range", "trange"):
            names = [n.id for n in ast.walk(target) if isinstance(n, ast.Name)] if target is not None else []
            counter = (names[0] if names else "_", over)
            over, target = None, None
    body = batch.body if isinstance(batch, (ast.For, ast.While)) else scope.body
    loss = _loss(script, call)
    path = _leading(script, body, call, values, scope)
    statements, outer = _slice(path, loss)
    line = batch.lineno if batch is not None else call.lineno
    if batch is None:
        outer = frozenset(uses(tidied(loss)) | {key for s in statements for key in uses(s)})
        outer -= {root(t) for s in statements for t in targets(s) if isinstance(t, ast.Name)}
        line = min([s.lineno for s in statements], default=call.lineno)
    taken = _next(statements)
    if over is None and taken is not None:
        statement, expression = taken
        source = _iterated(expression, values, scope)
        if source is not None:
            over = source
            target = statement.targets[0]
            statements = tuple(s for s in statements if s is not statement)
            counter = None
    return Loop(call, scope, loss, over, target, counter, statements, outer, line)


def _batch_loop(values: Values, around: list[ast.AST], scope: Scope) -> ast.For | ast.While | None:
    """The innermost loop that is not one over accumulated parts or over epochs."""
    for node in around:
        if isinstance(node, ast.While):
            return node
        if not isinstance(node, ast.For):
            continue
        said = ast.unparse(node.iter) + ast.unparse(node.target)
        if "range(" in said and any(word in said.lower() for word in ("accum", "micro")):
            continue
        if "range(" in said and "epoch" in said.lower():
            return None
        if isinstance(node.iter, ast.List) or isinstance(values.of(node.iter, scope), list):
            continue
        return node
    return None


def _unwrapped(
    node: ast.expr, target: ast.expr, values: Values, scope: Scope, depth: int = 0
) -> tuple[ast.expr, ast.expr]:
    """Takes ``enumerate``, progress bars and the like off what a loop runs over."""
    if depth > 6:
        return node, target
    if isinstance(node, ast.Call) and node.args:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "enumerate" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            return _unwrapped(node.args[0], target.elts[1], values, scope, depth + 1)
        if name in ("tqdm", "islice", "iter", "track", "progress_bar", "cycle", "log_every"):
            return _unwrapped(node.args[0], target, values, scope, depth + 1)
    if isinstance(node, (ast.Name, ast.Attribute)):
        found = values.definition(ast.unparse(node), scope)
        if found is not None and isinstance(found[0], ast.Call) and found[1] is scope:
            inner, inner_target = _unwrapped(found[0], target, values, scope, depth + 1)
            if inner is not found[0]:
                return inner, inner_target
    return node, target


def _loss(script: Script, call: ast.Call) -> ast.expr:
    """What is differentiated: ``loss`` of ``loss.backward()``, of ``scaler.scale(loss).backward()`` and the like."""
    assert isinstance(call.func, ast.Attribute)
    base = call.func.value
    if call.args and not isinstance(call.args[0], ast.Constant) and _engine(base):
        return _undivided(call.args[0])
    if isinstance(base, ast.Call) and isinstance(base.func, ast.Attribute) and base.func.attr == "scale" and base.args:
        return _undivided(base.args[0])
    if isinstance(base, ast.Name):
        for outer in script.enclosing(call):
            for item in outer.items if isinstance(outer, ast.With) else ():
                same = item.optional_vars is not None and ast.unparse(item.optional_vars) == base.id
                if same and isinstance(item.context_expr, ast.Call) and item.context_expr.args:
                    return item.context_expr.args[0]
    return _undivided(base)


def _engine(node: ast.expr) -> bool:
    said = ast.unparse(node).lower()
    return any(word in said for word in ("accelerator", "fabric", "engine", "self", "scaler", "model"))


def _undivided(node: ast.expr) -> ast.expr:
    """Without the division by the number of accumulated parts."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and "accum" in ast.unparse(node.right).lower():
        return node.left
    return node


def _leading(script: Script, body: list[ast.stmt], call: ast.Call, values: Values, scope: Scope) -> list[ast.stmt]:
    """Statements of the loop's body that come before ``call``; blocks around it are opened."""
    result: list[ast.stmt] = []
    for node in body:
        if any(inner is call for inner in ast.walk(node)):
            for block in blocks(node):
                if any(inner is call for statement in block for inner in ast.walk(statement)):
                    result += _leading(script, block, call, values, scope)
            break
        result.append(node)
    opened: list[ast.stmt] = []
    for node in result:
        if isinstance(node, ast.With) and passing(node):
            opened += node.body
        elif isinstance(node, ast.If) and values.of(node.test, scope) is not UNKNOWN:
            opened += node.body if values.of(node.test, scope) else node.orelse
        else:
            opened.append(node)
    return opened


def _slice(path: list[ast.stmt], loss: ast.expr) -> tuple[tuple[ast.stmt, ...], frozenset[str]]:
    """The statements that the loss needs, and what they read from outside."""
    needed = uses(tidied(loss))
    kept: list[ast.stmt] = []
    for node in reversed(path):
        made = _made(node)
        if not made & _roots(needed):
            continue
        tidy = _only(tidied(node), _roots(needed))
        if "require_backward_grad_sync" in ast.unparse(node):
            continue
        if tidy is None or empty(tidy) or _divides(tidy):
            continue
        kept.append(tidy)
        if isinstance(tidy, ast.Assign):
            whole = {ast.unparse(t) for t in targets(tidy) if isinstance(t, (ast.Name, ast.Attribute))}
            needed = {key for key in needed if key not in whole and key.partition(".")[0] not in whole}
        needed |= uses(tidy)
    return tuple(reversed(kept)), frozenset(needed)


def _roots(keys: set[str]) -> set[str]:
    return {key if key.startswith("self.") else key.partition(".")[0] for key in keys}


def _made(node: ast.stmt) -> set[str]:
    return {root(t) for leaf in leaves([node]) for t in targets(leaf)}


def _only(node: ast.stmt, wanted: set[str]) -> ast.stmt | None:
    """A compound statement with only what makes the wanted variables; simple ones as they are."""
    if not blocks(node):
        return node
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            inner = [_only(item, wanted) for item in block if _made(item) & wanted]
            setattr(node, name, [item for item in inner if item is not None and not empty(item)])
    if not getattr(node, "body", None):
        if not getattr(node, "orelse", None):
            return None
        node.body = [ast.Pass()]  # type: ignore[attr-defined]
    return ast.fix_missing_locations(node)


def _divides(node: ast.stmt) -> bool:
    """``loss = loss / accumulation_steps``."""
    value = getattr(node, "value", None)
    if isinstance(node, ast.AugAssign):
        return isinstance(node.op, ast.Div) and "accum" in ast.unparse(node.value).lower()
    return (
        isinstance(node, ast.Assign)
        and value is not None
        and _undivided(value) is not value
        and (ast.unparse(_undivided(value)) == ast.unparse(node.targets[0]))
    )


def _next(statements: tuple[ast.stmt, ...]) -> tuple[ast.Assign, ast.expr] | None:
    """``batch = next(loader_iterator)``."""
    for node in statements:
        call = node.value if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(call, ast.Call) and call.args:
            if getattr(call.func, "id", "") != "next":
                continue
            return node, call.args[0]
    return None


def _iterated(node: ast.expr, values: Values, scope: Scope) -> ast.expr | None:
    """The loader behind ``iter(loader)``, ``cycle(loader)`` or a generator over it."""
    for _ in range(6):
        if isinstance(node, ast.Call) and node.args:
            return node.args[0]
        found = values.definition(ast.unparse(node), scope) if isinstance(node, (ast.Name, ast.Attribute)) else None
        if found is None:
            return None
        node = found[0]
    return None
