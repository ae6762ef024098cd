"""Schedules that a script steps once an epoch, where their arguments are written out."""

from __future__ import annotations

import ast
import re
from typing import Any

from advisor.init.script.source import Scope, Script
from advisor.init.script.values import Values

_ORDER = {
    "StepLR": ("step_size", "gamma"),
    "MultiStepLR": ("milestones", "gamma"),
    "ExponentialLR": ("gamma",),
}
_USUAL = {"last_epoch": -1}


def by_epochs(script: Script, values: Values, call: ast.Call, name: str, scope: Scope) -> dict[str, Any] | None:
    """A ``StepLR``, ``MultiStepLR`` or ``ExponentialLR`` as the contract takes it.

    Returns:
        None for other classes, for arguments whose value is not known, and where ``step()`` is not plainly called once
        in each turn of the loop over epochs.
    """
    if name not in _ORDER or not _once_an_epoch(script, call):
        return None
    given = dict(zip(("optimizer", *_ORDER[name]), call.args, strict=False))
    given |= {k.arg or "": k.value for k in call.keywords if k.arg not in ("verbose", "optimizer")}
    given.pop("optimizer", None)
    known = {key: values.of(node, scope) for key, node in given.items()}
    known = {key: value for key, value in known.items() if value != _USUAL.get(key, "")}
    if _ORDER[name][0] not in known or not all(_fits(key, value) for key, value in known.items()):
        return None
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in known.items()}
    return {"name": name, **plain, "interval": "epoch"}


def _fits(key: str, value: Any) -> bool:
    """Whether a value is one that the argument can have."""
    if key == "milestones":
        return isinstance(value, (list, tuple)) and bool(value) and all(_fits("step_size", item) for item in value)
    if isinstance(value, bool):
        return False
    if key == "step_size":
        return isinstance(value, int) and value > 0
    return key == "gamma" and isinstance(value, (int, float)) and value > 0


def _once_an_epoch(script: Script, call: ast.Call) -> bool:
    made = next(script.enclosing(call), None)
    if not isinstance(made, ast.Assign) or made.value is not call:
        return False
    names = {ast.unparse(target) for target in made.targets}
    stepped = [node for node in ast.walk(script.tree) if isinstance(node, ast.Call)
               and isinstance(node.func, ast.Attribute) and node.func.attr == "step"
               and ast.unparse(node.func.value) in names]  # fmt: skip
    return len(stepped) == 1 and _loop_over_epochs(script, stepped[0], names)


def _loop_over_epochs(script: Script, node: ast.Call, names: set[str]) -> bool:
    """Whether the innermost loop counts epochs, and nothing but the scheduler itself decides about the step in it."""
    for outer in script.enclosing(node):
        if isinstance(outer, ast.If) and not any(name in ast.unparse(outer.test) for name in names):
            return False
        if isinstance(outer, ast.While):
            return False
        if isinstance(outer, ast.For):
            target, over = ast.unparse(outer.target).lower(), ast.unparse(outer.iter).lower()
            return "range(" in over and ("epoch" in target or re.search(r"epochs\b", over) is not None)
    return False
