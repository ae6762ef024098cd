"""What an expression of the script is worth, as far as literals, defaults and constants tell. Nothing is run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any, Final

from advisor.init.script.options import Namespace, Option, command_line, decorated, fields, training_arguments
from advisor.init.script.source import Function, Scope, Script


class _Unknown:
    def __repr__(self) -> str:
        return "unknown"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = _Unknown()
_DEEPEST = 24
_HOLDERS = ("SimpleNamespace", "Namespace", "dict", "EasyDict", "edict", "AttrDict", "DotDict", "Munch", "ConfigDict")
_BINARY: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Is: lambda a, b: a is b, ast.IsNot: lambda a, b: a is not b,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip
_CALLS: dict[str, Callable[..., Any]] = {
    "float": float, "int": int, "max": max, "min": min, "range": range, "len": len, "bool": bool, "str": str,
    "tuple": tuple, "list": list, "round": round, "abs": abs,
}  # fmt: skip
_GROWN = 10**9


class Values:
    """Evaluates expressions of one script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.options = command_line(script)
        self._known: dict[tuple[str, int], Any] = {}
        self._busy: set[tuple[str, int]] = set()

    def of(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> Any:
        """The value of an expression where it stands, or ``UNKNOWN``."""
        if node is None or depth > _DEEPEST:
            return UNKNOWN
        try:
            return self._of(node, scope, depth + 1)
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError):
            return UNKNOWN

    def _of(self, node: ast.expr, scope: Scope, depth: int) -> Any:
        def of(item: ast.expr) -> Any:
            return self.of(item, scope, depth)

        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, (ast.Tuple, ast.List)):
            items = [of(item) for item in node.elts]
            return UNKNOWN if UNKNOWN in items else tuple(items) if isinstance(node, ast.Tuple) else items
        if isinstance(node, ast.UnaryOp):
            value = of(node.operand)
            if value is UNKNOWN:
                return UNKNOWN
            return (not value) if isinstance(node.op, ast.Not) else -value if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.BinOp):
            return self._binary(node.op, of(node.left), of(node.right))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._binary(node.ops[0], of(node.left), of(node.comparators[0]))
        if isinstance(node, ast.BoolOp):
            return self._boolean(node, of)
        if isinstance(node, ast.IfExp):
            test = of(node.test)
            return UNKNOWN if test is UNKNOWN else of(node.body if test else node.orelse)
        if isinstance(node, ast.Call):
            return self._call(node, scope, depth)
        if isinstance(node, ast.Subscript):
            return self._item(node, scope, depth)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope, depth)
        return self._name(node.id, scope, depth) if isinstance(node, ast.Name) else UNKNOWN

    def _binary(self, op: ast.AST, left: Any, right: Any) -> Any:
        if left is UNKNOWN or right is UNKNOWN or type(op) not in _BINARY:
            return UNKNOWN
        if isinstance(op, ast.Mult) and not all(isinstance(side, (int, float)) for side in (left, right)):
            return UNKNOWN
        if isinstance(op, ast.Pow):
            return UNKNOWN
        return _BINARY[type(op)](left, right)

    def _boolean(self, node: ast.BoolOp, of: Callable[[ast.expr], Any]) -> Any:
        """Known as soon as one side decides it, whatever the others are."""
        stop = isinstance(node.op, ast.Or)
        values = [of(item) for item in node.values]
        for value in values:
            if value is not UNKNOWN and bool(value) == stop:
                return value
        return UNKNOWN if UNKNOWN in values else values[-1]

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id in _CALLS and not node.keywords:
            arguments = [self.of(item, scope, depth) for item in node.args]
            if UNKNOWN not in arguments and not any(isinstance(a, int) and a > _GROWN for a in arguments):
                return _CALLS[node.func.id](*arguments)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
            value = self.of(ast.Subscript(node.func.value, node.args[0], ast.Load()), scope, depth)
            fallback = self.of(node.args[1], scope, depth) if len(node.args) > 1 else None
            known = self.pairs(node.func.value, scope, depth)
            key = self.of(node.args[0], scope, depth)
            return value if known is None or key in known else fallback
        return UNKNOWN

    def _item(self, node: ast.Subscript, scope: Scope, depth: int) -> Any:
        key = self.of(node.slice, scope, depth)
        pairs = self.pairs(node.value, scope, depth)
        if pairs is not None and key in pairs:
            found, where = pairs[key]
            return self.of(found, where, depth)
        value = self.of(node.value, scope, depth)
        return UNKNOWN if value is UNKNOWN or key is UNKNOWN else value[key]

    def pairs(self, node: ast.expr, scope: Scope, depth: int) -> dict[Any, tuple[ast.expr, Scope]] | None:
        """The items of a dict that is written out somewhere, values not looked at."""
        if depth > _DEEPEST:
            return None
        if isinstance(node, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else UNKNOWN for key in node.keys]
            return {key: (value, scope) for key, value in zip(keys, node.values, strict=True) if key is not UNKNOWN}
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in _HOLDERS:
            inner = self.pairs(node.args[0], scope, depth + 1) if node.args else {}
            return {**(inner or {}), **{k.arg: (k.value, scope) for k in node.keywords if k.arg}}
        if isinstance(node, ast.Subscript):
            outer = self.pairs(node.value, scope, depth + 1)
            key = self.of(node.slice, scope, depth + 1)
            return self.pairs(*outer[key], depth + 1) if outer and key in outer else None
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = node.id if isinstance(node, ast.Name) else ast.unparse(node)
            found = self.definition(name, scope)
            return self.pairs(*found, depth + 1) if found is not None and found[0] is not node else None
        return None

    def _attribute(self, node: ast.Attribute, scope: Scope, depth: int) -> Any:
        space = self.namespace(node.value, scope)
        if space is not None and node.attr in space:
            option = space[node.attr]
            value = UNKNOWN if option.required else self.of(option.default, self.script.module, depth)
            return UNKNOWN if value is None else value  # None by default is what a person is expected to give
        pairs = self.pairs(node.value, scope, depth)
        if pairs is not None and node.attr in pairs:
            return self.of(*pairs[node.attr], depth)
        if ast.unparse(node.value) in ("self.hparams", "hparams") and scope.cls is not None:
            made = self.script.method(scope.cls, "__init__")
            found = self.argument(node.attr, self.script.scope(made)) if made is not None else None
            return self.of(*found, depth) if found is not None else UNKNOWN
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return self._name(f"self.{node.attr}", scope, depth)
        return UNKNOWN

    def _name(self, name: str, scope: Scope, depth: int) -> Any:
        found = self.definition(name, scope)
        return self.of(*found, depth) if found is not None else UNKNOWN

    def _once(self, key: tuple[str, int], find: Callable[[], Any], meanwhile: Any) -> Any:
        """Finds it once; a question that leads back to itself is answered with ``meanwhile``."""
        if key in self._busy:
            return meanwhile
        if key not in self._known:
            self._busy.add(key)
            try:
                self._known[key] = find()
            finally:
                self._busy.discard(key)
        return self._known[key]

    def definition(self, name: str, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The one expression that a name stands for, with its scope; None if there is none or several differ."""
        found: tuple[ast.expr, Scope] | None
        found = self._once((f"name {name}", id(scope)), lambda: self._definition(name, scope), None)
        return found

    def _definition(self, name: str, scope: Scope) -> tuple[ast.expr, Scope] | None:
        where: Scope | None = scope
        while where is not None:
            for owner in self._owners(name, where):
                found = self._assigned(name, owner)
                if found is not None:
                    return found, owner
                if name in owner.assigned:
                    return None
            if where.node is not None and name in where.params:
                return self.argument(name, where)
            where = where.parent
        return None

    def _owners(self, name: str, scope: Scope) -> list[Scope]:
        """Scopes that may assign it: the scope itself; for ``self.x`` every method of the class."""
        if not name.startswith("self.") or scope.cls is None:
            return [scope]
        methods = [n for n in scope.cls.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
        return [owner for owner in map(self.script.scope, methods) if name in owner.assigned]

    def _assigned(self, name: str, scope: Scope) -> ast.expr | None:
        """The first plain assignment that counts: in a branch known not to be taken it does not."""
        for node in scope.assigned.get(name, ()):
            if self.skipped(node, scope):
                continue
            if isinstance(node, ast.AnnAssign):
                return node.value
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                if ast.unparse(target) == name:
                    return node.value
                if isinstance(target, (ast.Tuple, ast.List)) and isinstance(node.value, (ast.Tuple, ast.List)):
                    for left, right in zip(target.elts, node.value.elts, strict=False):
                        if ast.unparse(left) == name:
                            return right
        return None

    def skipped(self, node: ast.AST, scope: Scope) -> bool:
        """Whether it stands in a branch that is known not to run, or in an ``except``."""
        return bool(self._once(("skipped", id(node)), lambda: self._skipped(node, scope), False))

    def _skipped(self, node: ast.AST, scope: Scope) -> bool:
        inner = node
        for outer in self.script.enclosing(node):
            if isinstance(outer, ast.ExceptHandler):
                return True
            if isinstance(outer, ast.If) and id(outer) not in self.script.guarded_tests:
                value = self.of(outer.test, scope)
                if value is not UNKNOWN and (inner in outer.body) != bool(value):
                    return True
            inner = outer
        return False

    def argument(self, name: str, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """What a parameter is given where its function is called; else its default."""
        node = scope.node
        assert node is not None
        for call in self.script.calls(node):
            found = argument_of(call, node, name, scope.cls is not None)
            if found is not None:
                return found, self.script.scope_of(call)
        options = decorated(node)
        if name in options:
            return (options[name].default, self.script.module) if not options[name].required else None
        default = default_of(node, name)
        return (default, scope.parent or self.script.module) if default is not None else None

    def namespace(self, node: ast.expr, scope: Scope, depth: int = 0) -> Namespace | None:
        """The options behind ``args``, a configuration object or a configuration class; None if it is none."""
        if depth > _DEEPEST:
            return None
        if isinstance(node, ast.Name) and node.id in self.script.classes:
            return fields(self.script, self.script.classes[node.id])
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = node.id if isinstance(node, ast.Name) else ast.unparse(node)
            dataclasses = self._from_dataclasses(name, scope)
            if dataclasses is not None:
                return dataclasses
            if self._parsed_pair(name, scope):
                return self.options
            found = self.definition(name, scope)
            return self.namespace(*found, depth + 1) if found is not None and found[0] is not node else None
        if not isinstance(node, ast.Call):
            return None
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if called == "parse_args" or self._parses(called):
            return self.options
        if called in self.script.classes and not _is_torch_class(self.script.classes[called]):
            given = {k.arg: k.value for k in node.keywords if k.arg}
            known = fields(self.script, self.script.classes[called])
            return known | {name: Option(value) for name, value in given.items()} if known else None
        return None

    def parsed(self, name: str, scope: Scope) -> Namespace | None:
        """The options, if this variable is assigned the parsed command line in or around the scope."""
        if "." in name:
            return None
        dataclasses = self._from_dataclasses(name, scope)
        if dataclasses is not None:
            return dataclasses
        if self._parsed_pair(name, scope):
            return self.options
        where: Scope | None = scope
        while where is not None:
            if name in where.params:
                return None
            for node in where.assigned.get(name, ()):
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    return self.parsed_call(node.value)
            where = where.parent
        return None

    def parsed_call(self, node: ast.expr) -> Namespace | None:
        """The options, if this expression parses the command line."""
        called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        return self.options if called == "parse_args" or self._parses(called) else None

    def _parses(self, name: str) -> bool:
        node = self.script.functions.get(name)
        return node is not None and any(
            isinstance(inner, ast.Attribute) and inner.attr in ("parse_args", "parse_known_args")
            for inner in ast.walk(node)
        )

    def _parsed_pair(self, name: str, scope: Scope) -> bool:
        """``args, rest = parser.parse_known_args()``."""
        return self._statement(name, scope, "parse_known_args(") is not None

    def _from_dataclasses(self, name: str, scope: Scope) -> Namespace | None:
        """``model_args, training_args = HfArgumentParser((A, B)).parse_args_into_dataclasses()``."""
        found = self._statement(name, scope, "parse_args_into_dataclasses(")
        if found is None:
            return None
        names = [ast.unparse(item) for target in found.targets for item in getattr(target, "elts", [target])]
        for call in ast.walk(self.script.tree):
            if isinstance(call, ast.Call) and self.script.dotted(call.func).endswith("HfArgumentParser") and call.args:
                kinds = [ast.unparse(item) for item in getattr(call.args[0], "elts", [call.args[0]])]
                position = names.index(name)
                if position >= len(kinds):
                    return None
                kind = kinds[position]
                own = fields(self.script, self.script.classes[kind]) if kind in self.script.classes else {}
                return training_arguments() | own if "Training" in kind and not own.get("dataset_name") else own
        return None

    def _statement(self, name: str, scope: Scope, call: str) -> ast.Assign | None:
        """The assignment of a variable by such a call."""
        where: Scope | None = scope
        while where is not None:
            for node in where.assigned.get(name, ()):
                if isinstance(node, ast.Assign) and call in ast.unparse(node.value):
                    return node
            where = where.parent
        return None


def argument_of(call: ast.Call, node: Function, name: str, method: bool) -> ast.expr | None:
    """What ``call`` passes for parameter ``name``."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    positional = [p.arg for p in (*node.args.posonlyargs, *node.args.args)]
    if method and positional and positional[0] in ("self", "cls"):
        positional = positional[1:]
    if name in positional and positional.index(name) < len(call.args):
        found = call.args[positional.index(name)]
        return None if isinstance(found, ast.Starred) else found
    return None


def default_of(node: Function, name: str) -> ast.expr | None:
    """The default of parameter ``name``."""
    positional = [*node.args.posonlyargs, *node.args.args]
    with_default = positional[len(positional) - len(node.args.defaults) :]
    for item, value in zip(with_default, node.args.defaults, strict=True):
        if item.arg == name:
            return value
    for item, keyword_default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if item.arg == name:
            return keyword_default
    return None


def _is_torch_class(node: ast.ClassDef) -> bool:
    bases = " ".join(ast.unparse(base) for base in node.bases)
    return any(word in bases for word in ("Module", "Dataset", "Sampler", "Function"))
