"""Which statements of the script an expression needs: a backward slice over the module and the functions on the way."""

from __future__ import annotations

import ast
import builtins
import math
from collections.abc import Iterable

from advisor.init.script.options import Namespace
from advisor.init.script.source import Scope, Script, blocks, targets
from advisor.init.script.tidy import cleaned, empty, tidied, uses
from advisor.init.script.values import UNKNOWN, Values

Key = str
_PASSING = ("autocast", "tqdm", "profile", "record_function", "no_sync", "set_grad_enabled", "enable_grad", "device",
            "ctx", "amp", "accumulate", "join", "main_process_first", "summon_full_params")  # fmt: skip


class Slice:
    """Collects what is needed; ``need`` adds to it.

    Args:
        script: The script.
        values: Its values.
        copy: Whether definitions are copied (the script is not safe to import), and so bring their own needs.
        stops: Variables that are not followed.
    """

    def __init__(self, script: Script, values: Values, copy: bool, stops: Iterable[Key] = ()) -> None:
        self.script, self.values, self.copy = script, values, copy
        self.stops = set(stops)
        self.kept: dict[int, set[int]] = {}
        self.scopes: dict[int, Scope] = {id(script.module): script.module}
        self.bindings: dict[int, dict[str, ast.expr]] = {}
        self.definitions: dict[str, None] = {}
        self.methods: dict[int, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self.imports: set[str] = set()
        self.namespaces: dict[str, tuple[Namespace, set[str] | None]] = {}
        self.stars = False
        self.missing: set[str] = set()
        self._seen: set[tuple[Key, int, float]] = set()

    def joined(self, other: Slice) -> Slice:
        """This slice, adding definitions, imports and options to those of another."""
        self.definitions, self.methods, self.imports = other.definitions, other.methods, other.imports
        self.namespaces, self.missing = other.namespaces, other.missing
        return self

    def need_all(self, node: ast.AST, scope: Scope, before: float) -> None:
        """Everything that an expression or statement reads."""
        for key in sorted(uses(tidied(node))):
            self.need(key, scope, before)

    def need(self, key: Key, scope: Scope, before: float = math.inf) -> None:
        """What a variable is made of, as it is before line ``before`` of its scope."""
        head, _, attribute = key.partition(".")
        if key in self.stops or head in self.stops or (key, id(scope), before) in self._seen:
            return
        self._seen.add((key, id(scope), before))
        if attribute and head != "self":
            if not self._option(head, attribute, scope, before):
                self.need(head, scope, before)
            return
        if not attribute and self._whole_namespace(head, scope):
            return
        if head == "self" and self._method(attribute, scope):
            return
        self._variable(key, scope, before)

    def _variable(self, key: Key, scope: Scope, before: float) -> None:
        where: Scope | None = scope
        while where is not None:
            self.scopes[id(where)] = where
            found = False
            for owner in self._owners(key, where):
                limit = before if owner is where else math.inf
                for node in owner.assigned.get(key, ()):
                    if node.lineno < limit and not self.values.skipped(node, owner):
                        found = True
                        if not _nothing(node) and not (key in self.script.imports and _only_inside(node, key)):
                            self._keep(node, owner)
            if where.node is not None and key in where.params:
                self._bind(key, where)
                return
            if found:
                return
            before = self._entry(where)
            where = where.parent
        self._global(key)

    def _owners(self, key: Key, scope: Scope) -> list[Scope]:
        if not key.startswith("self.") or scope.cls is None:
            return [scope]
        methods = [n for n in scope.cls.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
        making = [m for m in map(self.script.scope, methods) if key in m.assigned]
        first = [m for m in making if m.node is not None and m.node.name == "__init__"]
        return first or making[:1]

    def _entry(self, scope: Scope) -> float:
        """The line of the enclosing scope at which the function is first called."""
        if scope.node is None:
            return math.inf
        lines = [c.lineno for c in self.script.calls(scope.node) if self.script.scope_of(c) is scope.parent]
        return min(lines, default=math.inf)

    def _keep(self, node: ast.stmt, scope: Scope) -> None:
        self.scopes[id(scope)] = scope
        kept = self.kept.setdefault(id(scope), set())
        if id(node) in kept:
            return
        kept.add(id(node))
        if isinstance(node, ast.For):
            self.need_all(node.iter, scope, node.lineno)
        elif isinstance(node, ast.With):
            for item in node.items:
                self.need_all(item.context_expr, scope, node.lineno)
        else:
            self.need_all(node, scope, node.lineno)
            for target in getattr(node, "targets", [getattr(node, "target", None)]):
                if isinstance(target, (ast.Attribute, ast.Subscript)):
                    self.need_all(target, scope, node.lineno)
        for outer in self.script.enclosing(node):
            self._keep_outer(outer, scope)

    def _keep_outer(self, outer: ast.AST, scope: Scope) -> None:
        if isinstance(outer, ast.If) and id(outer) not in self.script.guarded_tests:
            if self.values.of(outer.test, scope) is UNKNOWN:
                self.need_all(outer.test, scope, outer.lineno)
        elif isinstance(outer, ast.While):
            self.need_all(outer.test, scope, outer.lineno)
        elif isinstance(outer, ast.For):
            self.need_all(outer.iter, scope, outer.lineno)
        elif isinstance(outer, ast.With) and not passing(outer):
            for item in outer.items:
                self.need_all(item.context_expr, scope, outer.lineno)

    def _bind(self, name: str, scope: Scope) -> None:
        """A parameter: what it is given by the first call, or its default."""
        found = self.values.argument(name, scope)
        if found is None:
            self.missing.add(name)
            return
        expression, where = found
        self.bindings.setdefault(id(scope), {})[name] = expression
        self.scopes[id(where)] = where
        self.need_all(expression, where, math.inf if where is scope.parent else self._line(scope))

    def _line(self, scope: Scope) -> float:
        assert scope.node is not None
        calls = self.script.calls(scope.node)
        return calls[0].lineno if calls else math.inf

    def _whole_namespace(self, name: str, scope: Scope) -> bool:
        space = self._parsed(name, scope)
        if space is None:
            return False
        self.namespaces[name] = (space, None)
        return True

    def _option(self, head: str, attribute: str, scope: Scope, before: float) -> bool:
        """``args.x``: the option, and what the script assigns to it later."""
        space = self._parsed(head, scope)
        if space is None:
            return False
        known, wanted = self.namespaces.get(head, (space, set()))
        if wanted is not None:
            self.namespaces[head] = (known, wanted | {attribute})
        where: Scope | None = scope
        while where is not None:
            for node in where.assigned.get(head, ()):
                here = any(ast.unparse(t) == f"{head}.{attribute}" for t in getattr(node, "targets", ()))
                if here and node.lineno < before and not self.values.skipped(node, where):
                    self._keep(node, where)
            before = self._entry(where)
            where = where.parent
        return True

    def _parsed(self, name: str, scope: Scope) -> Namespace | None:
        """The options, if the variable holds the parsed command line."""
        where: Scope | None = scope
        key = name
        for _ in range(8):
            assert where is not None
            space = self.values.parsed(key, where)
            if space is not None:
                return space
            owner: Scope | None = where
            while owner is not None and not (key in owner.assigned or key in owner.params):
                owner = owner.parent
            if owner is None or owner.node is None or key not in owner.params:
                return None
            found = self.values.argument(key, owner)
            if found is None or not isinstance(found[0], ast.Name):
                return self.values.parsed_call(found[0]) if found is not None else None
            key, where = found[0].id, found[1]
        return None

    def _method(self, name: str, scope: Scope) -> bool:
        if scope.cls is None:
            return False
        node = self.script.method(scope.cls, name)
        if node is None:
            return False
        if id(node) not in self.methods:
            self.methods[id(node)] = node
            inner = self.script.scope(node)
            for key in sorted(uses(cleaned(node))):
                if key.startswith("self.") or key.partition(".")[0] not in inner.assigned:
                    self.need(key, inner)
        return True

    def _global(self, name: str) -> None:
        name = name.removeprefix("self.")
        if name in self.script.functions or name in self.script.classes:
            if name in self.definitions:
                return
            self.definitions[name] = None
            if self.copy:
                node = self.script.functions.get(name) or self.script.classes[name]
                tidy = cleaned(node) if isinstance(node, ast.FunctionDef) else node
                for key in sorted(uses(tidy)):
                    if not key.startswith("self."):
                        self.need(key, self.script.module)
        elif name in self.script.imports:
            self.imports.add(name)
        elif not hasattr(builtins, name) and not name.startswith("__"):
            self.stars = True
            self.missing.add(name)

    def statements(self, without: Slice | None = None, fresh: Key = "") -> list[ast.stmt]:
        """The kept statements in the order in which they run, tidied; parameters as assignments before them.

        Args:
            without: What is written elsewhere already.
            fresh: A variable that is made anew nevertheless.
        """
        result: list[ast.stmt] = []
        for scope in sorted(self.scopes.values(), key=self._depth):
            again = {id(node) for node in scope.assigned.get(fresh, ())}
            kept = self.kept.get(id(scope), set()) - (
                (without.kept.get(id(scope), set()) if without else set()) - again
            )
            done = without.bindings.get(id(scope), {}) if without else {}
            for name, expression in self.bindings.get(id(scope), {}).items():
                value = tidied(expression)
                if name not in done and ast.unparse(value) != name:
                    target = ast.Name(name, ast.Store())
                    result.append(ast.fix_missing_locations(ast.Assign([target], value, lineno=0)))
            result += self._pruned(scope.body, kept, scope)
        return result

    def _depth(self, scope: Scope, limit: int = 12) -> int:
        if scope.node is None or limit == 0:
            return 0
        calls = self.script.calls(scope.node)
        return 1 + (self._depth(self.script.scope_of(calls[0]), limit - 1) if calls else 0)

    def _pruned(self, body: list[ast.stmt], kept: set[int], scope: Scope) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for node in body:
            if not blocks(node):
                if id(node) in kept:
                    tidy = tidied(node)
                    result += [] if empty(tidy) else [tidy]
                continue
            result += self._compound(node, kept, scope)
        return result

    def _compound(self, node: ast.stmt, kept: set[int], scope: Scope) -> list[ast.stmt]:
        inner = self._pruned(node.body, kept, scope)  # type: ignore[attr-defined]
        other = self._pruned(getattr(node, "orelse", []), kept, scope)
        if isinstance(node, ast.If):
            value = UNKNOWN if id(node) in self.script.guarded_tests else self.values.of(node.test, scope)
            if value is not UNKNOWN:
                return inner if value else other
            if not inner and not other:
                return []
            test = tidied(node.test)
            return [_fixed(ast.If(test, inner or [ast.Pass()], other), node)]
        if not inner and not other:
            return []
        if isinstance(node, ast.Try) or (isinstance(node, ast.With) and passing(node)):
            return inner
        if isinstance(node, ast.For) and _epochs(node):
            return inner
        if isinstance(node, ast.With):
            return [_fixed(ast.With(node.items, inner), node)]
        if isinstance(node, ast.For):
            return [_fixed(ast.For(node.target, tidied(node.iter), inner, other), node)]
        return [_fixed(ast.While(node.test, inner, other), node)] if isinstance(node, ast.While) else inner


def _nothing(node: ast.stmt) -> bool:
    """Whether a statement only moves or wraps: ``net = net.to(device)``, ``accelerator.prepare(...)``."""
    if blocks(node) or isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return False
    value = getattr(node, "value", None)
    called = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
    return called.endswith((".prepare", "fabric.setup", "setup_dataloaders")) or empty(tidied(node))


def _only_inside(node: ast.stmt, name: str) -> bool:
    """Whether a statement only sets something within a module: ``torch.backends.cudnn.benchmark = True``."""
    return not any(isinstance(target, ast.Name) and target.id == name for target in targets(node))


def _epochs(node: ast.For) -> bool:
    return any("epoch" in n.id.lower() for n in ast.walk(node.target) if isinstance(n, ast.Name))


def _fixed(new: ast.stmt, old: ast.stmt) -> ast.stmt:
    return ast.fix_missing_locations(ast.copy_location(new, old))


def passing(node: ast.With) -> bool:
    """Whether a ``with`` only changes how its body runs (autocast, a progress bar), not what it computes."""
    said = " ".join(ast.unparse(item.context_expr) for item in node.items)
    return any(word in said for word in _PASSING)
