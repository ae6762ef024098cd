"""Names in the written file: the script's own, moved out of the way where the contract uses the same."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping

from advisor.init.analysis.draft import Draft
from advisor.init.analysis.step import Step
from advisor.init.script.source import Function, root, targets
from advisor.init.script.tidy import cleaned, renamed, tidied

CONTRACT = ("model", "train_data", "val_data", "loss", "metric", "settings", "training_step", "param_groups", "collate")
CUDA = ast.parse("'cuda' if torch.cuda.is_available() else 'cpu'", mode="eval").body


class Names:
    """What the script's variables are called in the written file."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.copied = draft.shared.copy
        imported = draft.shared.imports | draft.making.imports
        grouping = draft.grouping.statements() if draft.grouping is not None else []
        statements = [*draft.shared.statements(), *draft.making.statements(), *grouping]
        assigned = {root(t) for s in statements for n in ast.walk(s) if isinstance(n, ast.stmt) for t in targets(n)}
        assigned |= {
            n.id for s in statements for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        defined = set(draft.shared.definitions) | set(draft.making.definitions)
        spaces = set(draft.shared.namespaces) | set(draft.making.namespaces)
        self.variables: dict[str, str] = {}
        for name in sorted(assigned | defined | spaces):
            plain = name.removeprefix("self.")
            if plain in CONTRACT or (plain in imported and name.startswith("self.")):
                self.variables[name] = f"{plain}_"
            elif name.startswith("self."):
                self.variables[name] = plain
        for method in {**draft.shared.methods, **draft.making.methods}.values():
            self.variables[f"self.{method.name}"] = method.name
        self.imports = {n: f"{n}_module" for n in imported if n in CONTRACT}
        self._both = {n for n in self.imports if n in self.variables}
        self._first = {n: min(s.lineno for s in statements if n in {root(t) for t in targets(s)} or _stores(s, n))
                       for n in self._both if any(_stores(s, n) for s in statements)}  # fmt: skip
        self._plain = {**{k: v for k, v in self.imports.items() if k not in self.variables}, **self.variables}

    def text(self, node: ast.AST | None, extra: Mapping[str, str] | None = None) -> str:
        """An expression under the new names."""
        if node is None:
            return ""
        names: dict[str, str | ast.expr] = {**self._plain, **(extra or {})}
        return ast.unparse(renamed(tidied(node), names))

    def statement(self, node: ast.stmt, ones: Collection[str] = (), extra: Mapping[str, str] | None = None) -> str:
        """A statement under the new names."""
        loads: dict[str, str | ast.expr] = {**self._plain, **(extra or {})}
        for name in self._both:
            if node.lineno <= self._first.get(name, 0):
                loads[name] = self.imports[name]
        stored: dict[str, str | ast.expr] = dict(self._plain)
        new = renamed(node, loads, stored)
        if isinstance(new, ast.Assign) and isinstance(node, ast.Assign):
            target = ast.unparse(node.targets[0])
            if "device" in target and isinstance(node.value, ast.Constant) and "cuda" in str(node.value.value):
                new.value = CUDA
            if target in ones:
                return f"{ast.unparse(new.targets[0])} = 1  # one example at a time; the batch size stands in settings"
        return ast.unparse(ast.fix_missing_locations(new))

    def definition(self, node: Function | ast.ClassDef) -> str:
        """A copied definition: as it is written, unless something in it has to change."""
        tidy = cleaned(node) if isinstance(node, ast.FunctionDef) else node
        names: dict[str, str | ast.expr] = dict(self._plain)
        new = renamed(tidy, names)
        assert isinstance(new, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        new.name = self.variables.get(node.name, node.name)
        if ast.unparse(new) == ast.unparse(node):
            return self.draft.script.segment(node)
        return ast.unparse(new)

    def method(self, node: Function) -> str:
        """A method as a function of its own."""
        new = renamed(cleaned(node), dict(self._plain))
        new.args.args = [a for a in new.args.args if a.arg != "self"]
        new.decorator_list = []
        return ast.unparse(new)

    def step(self, draft: Draft, step: Step) -> str:
        """``training_step(model, batch)``."""
        local = {
            n.id
            for s in step.statements
            for n in ast.walk(s)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        local |= {n.id for n in ast.walk(step.target or ast.Pass()) if isinstance(n, ast.Name)}
        before = [renamed(tidied(s), {}) for s in draft.before]
        local |= {n.id for s in before for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        model = step.model
        outside: dict[str, str | ast.expr] = {k: v for k, v in self._plain.items() if k not in local and k != model}
        outside |= {k: f"{k.removeprefix('self.')}" for k in _own(step) if k not in outside and k != model}
        inner = Step(
            renamed(step.target, outside) if step.target is not None else None,
            tuple(renamed(s, outside) for s in (*before, *step.statements)),
            renamed(step.loss, outside),
            model,
        )
        if draft.batches is not None and draft.batches.kind in ("windows", "nodes"):
            from advisor.init.output.handmade import adapted

            lines = adapted(draft, inner, self)
        else:
            lines = inner.lines()
        return "\n".join(["def training_step(model, batch):", *(f"    {line}" for line in lines)])


def _own(step: Step) -> set[str]:
    nodes = [*step.statements, step.loss]
    return {ast.unparse(n) for s in nodes for n in ast.walk(s) if isinstance(n, ast.Attribute)
            and isinstance(n.value, ast.Name) and n.value.id == "self"}  # fmt: skip


def _stores(node: ast.stmt, name: str) -> bool:
    return any(isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and n.id == name for n in ast.walk(node))
