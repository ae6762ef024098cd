"""The part of a script that runs once for each batch, and the calls in it in the order in which they run."""

import ast
from dataclasses import dataclass

from advisor.init.source import Function, Source, called_name, calls, receiver

_BACKWARD = ("backward", "manual_backward")
_WRAPPERS = ("enumerate", "tqdm", "trange", "track", "zip", "iter")


@dataclass(frozen=True)
class Region:
    """What runs for each batch.

    Attributes:
        backward: The call of ``backward``.
        body: The loop over batches, or the function around ``backward`` where no loop is in sight.
        looped: Whether it is a loop.
        epochs: The loop around the batch loop, in the same function, or None.
        over: What the batch loop iterates over, without progress bars; None if it is no such loop.
    """

    backward: ast.Call
    body: ast.AST
    looped: bool
    epochs: ast.For | ast.While | None
    over: ast.expr | None


def find_region(source: Source) -> Region | None:
    """Around the first ``backward`` of the script that stands in a loop; of the first one if none does."""
    found = [call for call in calls(source.tree) if called_name(call) in _BACKWARD and _is_loss(receiver(call))]
    regions = [_region(source, call) for call in found]
    return next((region for region in regions if region.looped), next(iter(regions), None))


def _is_loss(name: str) -> bool:
    """Whether ``backward`` is a method of this, and no function of a module such as ``torch.autograd``."""
    return bool(name) and "autograd" not in name


def _region(source: Source, backward: ast.Call) -> Region:
    loops: list[ast.For | ast.While] = []
    function: ast.AST = source.tree
    for node in source.around(backward):
        if isinstance(node, (ast.For, ast.While)):
            loops.append(node)
        elif isinstance(node, Function):
            function = node
            break
    if not loops:
        return Region(backward, function, False, None, None)
    over = unwrapped(loops[0].iter) if isinstance(loops[0], ast.For) else None
    return Region(backward, loops[0], True, loops[1] if len(loops) > 1 else None, over)


def unwrapped(expression: ast.expr) -> ast.expr:
    """What is iterated over, without ``enumerate``, progress bars and the like."""
    while isinstance(expression, ast.Call) and called_name(expression) in _WRAPPERS and expression.args:
        expression = expression.args[0]
    return expression


def constant(source: Source, expression: ast.expr | None) -> float | None:
    """A number, or that of a name which is assigned one number in the script."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, (int, float)):
        return float(expression.value)
    if not isinstance(expression, ast.Name):
        return None
    values = [
        node.value
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == expression.id for t in node.targets)
    ]
    return constant(source, values[0]) if len(values) == 1 and isinstance(values[0], ast.Constant) else None


def assigned_calls(source: Source, names: tuple[str, ...]) -> dict[str, tuple[ast.Assign, ast.Call]]:
    """Variables (also attributes) that are assigned a call of one of these names, last one first."""
    found: dict[str, tuple[ast.Assign, ast.Call]] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and called_name(node.value) in names:
            for target in node.targets:
                found[ast.unparse(target)] = (node, node.value)
    return found
