"""Changes to the user's expressions: what moves to a device, wraps or compiles is left out; names can be replaced."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from typing import Any, TypeVar

Node = TypeVar("Node", bound=ast.AST)
_WRAPPERS = ("DataParallel", "DistributedDataParallel", "DDP", "FSDP", "compile", "Variable", "convert_sync_batchnorm",
             "SyncBatchNorm", "data_parallel", "tqdm", "trange", "prepare_model", "setup")  # fmt: skip
_DEVICE_METHODS = ("cuda", "cpu", "pin_memory")
_DTYPES = ("float", "double", "half", "long", "int", "bfloat16", "dtype", "memory_format", "channels_last")


class _Tidy(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if isinstance(node.func, ast.Attribute):
            base = node.func.value
            if name in _DEVICE_METHODS and not _is_torch(base):
                return base
            if name == "to":
                return self._to(node, base)
        wrapper = name in _WRAPPERS and (isinstance(node.func, ast.Name) or _is_torch_like(node.func))
        if wrapper and node.args and not isinstance(node.args[0], (ast.Constant, ast.Starred)):
            return node.args[0]
        return node

    def _to(self, node: ast.Call, base: ast.expr) -> ast.expr:
        """``x.to(device)`` is ``x``; a dtype that stands beside it stays."""
        args = [a for a in node.args if any(word in ast.unparse(a) for word in _DTYPES)]
        keywords = [k for k in node.keywords if k.arg in ("dtype", "memory_format")]
        return ast.Call(node.func, args, keywords) if args or keywords else base


def _is_torch(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "torch"


def _is_torch_like(node: ast.expr) -> bool:
    head = ast.unparse(node)
    return head.startswith(("torch.", "nn.", "parallel.", "tqdm.", "fabric.", "accelerator.", "self.accelerator."))


def tidied(node: Node) -> Node:
    """A copy without devices, wrappers and progress bars."""
    result = ast.fix_missing_locations(_Tidy().visit(copy.deepcopy(node)))
    assert isinstance(result, ast.AST)
    return result  # type: ignore[return-value]


def empty(node: ast.stmt) -> bool:
    """Whether nothing is left of a statement: ``x = x``, or an expression without effect."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, (ast.Name, ast.Constant, ast.Attribute))
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return False
    return ast.unparse(node.targets[0]) == ast.unparse(node.value)


class Rename(ast.NodeTransformer):
    """Replaces variables: ``names`` maps ``x`` or ``self.x`` to another name or expression.

    Inside a function that has a parameter or local variable of that name, the name is left as it is.
    """

    def __init__(self, names: Mapping[str, str | ast.expr], stored: Mapping[str, str | ast.expr] | None = None) -> None:
        self.names = dict(names)
        self.stored = dict(names if stored is None else stored)

    def visit_Name(self, node: ast.Name) -> Any:
        """A variable."""
        return self._put(node.id, node)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        """``self.x``, or an attribute of one."""
        key = ast.unparse(node) if isinstance(node.value, ast.Name) else ""
        if key in self.names:
            return self._put(key, node)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        """Its own names stay."""
        return self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        """Its own names stay."""
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> Any:
        """Its own names stay."""
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> ast.AST:
        a = node.args
        bound = {p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)}
        bound |= {p.arg for p in (a.vararg, a.kwarg) if p is not None}
        given = {n for inner in ast.walk(node) if isinstance(inner, ast.Global) for n in inner.names}
        bound |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - given
        outside = ({k: v for k, v in names.items() if k not in bound} for names in (self.names, self.stored))
        return Rename(*outside).generic_visit(node)

    def _put(self, key: str, node: ast.expr) -> ast.expr:
        load = isinstance(getattr(node, "ctx", None), ast.Load)
        new = (self.names if load else self.stored).get(key)
        if new is None:
            return node
        if isinstance(new, str):
            return ast.copy_location(ast.Name(new, getattr(node, "ctx", ast.Load())), node)
        return copy.deepcopy(new) if load else node


def renamed(
    node: Node, names: Mapping[str, str | ast.expr], stored: Mapping[str, str | ast.expr] | None = None
) -> Node:
    """A copy with variables replaced; ``stored`` where what is assigned goes by another name than what is read."""
    result = ast.fix_missing_locations(Rename(names, stored).visit(copy.deepcopy(node)))
    return result  # type: ignore[no-any-return]


def uses(node: ast.AST) -> set[str]:
    """Variables that code reads from outside itself: plain names, ``self.x``, and ``args.x`` for attributes."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return {f"{node.value.id}.{node.attr}"}
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        found |= uses(child)
    bound: set[str] = set()
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        a = node.args
        bound |= {p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)}
        bound |= {p.arg for p in (a.vararg, a.kwarg) if p is not None}
        if not isinstance(node, ast.Lambda):
            given = {n for g in ast.walk(node) if isinstance(g, ast.Global) for n in g.names}
            bound |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - given
            bound |= {
                n.name for n in ast.walk(node) if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n is not node
            }
    elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        bound |= {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
    return {name for name in found if name.startswith("self.") or name.partition(".")[0] not in bound}


def cleaned(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """Without device moves, and without the statements that are empty then."""

    def block(body: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for index, item in enumerate(body):
            docstring = index == 0 and isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)
            if empty(item) and not docstring:
                continue
            for name in ("body", "orelse"):
                if isinstance(getattr(item, name, None), list) and isinstance(
                    item, (ast.If, ast.For, ast.While, ast.With)
                ):
                    setattr(item, name, block(getattr(item, name)))
            if isinstance(item, ast.If) and not item.body:
                if not item.orelse:
                    continue
                item.body = [ast.Pass()]
            result.append(item)
        return result

    new = tidied(node)
    new.body = block(new.body) or [ast.Pass()]
    return ast.fix_missing_locations(new)
