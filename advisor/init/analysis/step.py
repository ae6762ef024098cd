"""From the loop's statements to ``loss`` or ``training_step``."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from advisor.init.script.source import targets
from advisor.init.script.tidy import renamed, tidied, uses


@dataclass(frozen=True)
class Step:
    """What happens to one batch.

    Attributes:
        target: What a batch is taken apart into; None if nothing of it is used.
        statements: From there to the loss, with the model under its own name.
        loss: The expression that is returned.
        model: The variable of the model.
    """

    target: ast.expr | None
    statements: tuple[ast.stmt, ...]
    loss: ast.expr
    model: str

    def normal(self) -> Step:
        """``x, y = batch`` and ``x, y = batch[0], batch[1]`` become the target itself."""
        if not isinstance(self.target, ast.Name) or not self.statements:
            return self
        first, name = self.statements[0], self.target.id
        if not isinstance(first, ast.Assign) or not isinstance(first.targets[0], (ast.Tuple, ast.List)):
            return self
        used = any(name in {k.partition(".")[0] for k in uses(s)} for s in (*self.statements[1:], self.loss))
        parts = [f"{name}[{i}]" for i in range(len(first.targets[0].elts))]
        items = [ast.unparse(item) for item in getattr(first.value, "elts", [])]
        if used or not (ast.unparse(first.value) == name or items == parts):
            return self
        return replace(self, target=first.targets[0], statements=self.statements[1:])

    def as_loss(self) -> ast.expr | None:
        """The loss as an expression of ``outputs`` and ``targets``; None if it takes more than these two."""
        names = [ast.unparse(item) for item in getattr(self.target, "elts", [])]
        if len(names) != 2:
            return None
        expression = self._inlined()
        if expression is None:
            return None
        call = f"{self.model}({names[0]})"
        found = [n for n in ast.walk(expression) if isinstance(n, ast.Call) and ast.unparse(n) == call]
        if len(found) != 1:
            return None
        swapped = _Replace(call, "outputs").visit(expression)
        swapped = renamed(swapped, {names[1]: "targets"})
        left = {key.partition(".")[0] for key in uses(swapped)}
        return None if {names[0], self.model} & left or "targets" not in left else swapped

    def _inlined(self) -> ast.expr | None:
        """The loss with every intermediate variable replaced by what it is; None if that is not possible."""
        made: dict[str, ast.expr] = {}
        for node in self.statements:
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name) or len(node.targets) > 1:
                return None
            made[node.targets[0].id] = renamed(tidied(node.value), dict(made))
        return renamed(tidied(self.loss), dict(made))

    def lines(self) -> list[str]:
        """The body of ``training_step(model, batch)``."""
        names = {self.model: "model"} if self.model != "model" else {}
        target = self.target
        if isinstance(target, ast.Name):
            names[target.id] = "batch"
            target = None
        taken = {ast.unparse(t) for s in self.statements for t in targets(s)}
        names = {k: v for k, v in names.items() if v == "model" or k not in taken}
        body: list[str] = []
        if isinstance(self.target, ast.Name) and self.target.id in taken:
            body.append(f"{self.target.id} = batch")
        elif target is not None:
            text = ast.unparse(target)
            body.append(f"{text[1:-1] if text.startswith('(') and text[-2] != ',' else text} = batch")
        statements = list(self.statements)
        last = statements[-1] if statements else None
        returned = renamed(tidied(self.loss), names)
        if isinstance(last, ast.Assign) and ast.unparse(last.targets[0]) == ast.unparse(self.loss):
            returned = renamed(tidied(last.value), names)
            statements = statements[:-1]
        for node in statements:
            body += ast.unparse(renamed(tidied(node), names)).splitlines()
        return [*body, f"return {ast.unparse(returned)}"]


class _Replace(ast.NodeTransformer):
    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.unparse(node) == self.text:
            return ast.copy_location(ast.Name(self.name, ast.Load()), node)
        return self.generic_visit(node)
