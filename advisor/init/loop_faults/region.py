"""The part of a script that runs once for each batch, and the calls in it in the order in which they run."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BACKWARD = ("backward", "manual_backward")
_WRAPPERS = ("enumerate", "tqdm", "trange", "track", "zip", "iter")


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
        source = Source(ast.parse(text), text.splitlines())
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
