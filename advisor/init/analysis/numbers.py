"""The numbers that a script trains with: optimizer, batch size, epochs, schedule, clipping, mixed precision."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from advisor.init.analysis.loop import Loop
from advisor.init.analysis.refusals import optimizer_calls, optimizer_name
from advisor.init.analysis.scheduled import by_epochs
from advisor.init.script.source import Scope, Script
from advisor.init.script.values import UNKNOWN, Values

_KEPT = ("lr", "momentum", "betas", "weight_decay", "nesterov")
_DEFAULT_LR = {
    "SGD": 1e-3,
    "Adadelta": 1.0,
    "Adagrad": 0.01,
    "RMSprop": 0.01,
    "Adamax": 0.002,
    "NAdam": 0.002,
    "Rprop": 0.01,
}
_STEPPED = ("StepLR", "MultiStepLR", "ExponentialLR", "LambdaLR", "ReduceLROnPlateau", "PolynomialLR", "LinearLR",
            "SequentialLR", "CosineAnnealingWarmRestarts", "MultiplicativeLR")  # fmt: skip
_WARMED = {"get_linear_schedule_with_warmup": "linear", "get_cosine_schedule_with_warmup": "cos"}


@dataclass
class Numbers:
    """What was read.

    Attributes:
        settings: In the form of the contract's ``settings``.
        unknown: Settings that the script has but whose value is not written out, with the expression.
        notes: Sentences for the person.
        steps: Optimizer steps of a run that counts steps instead of epochs.
        batch: The expression of the batch size, as the script writes it.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    steps: int | None = None
    batch: str = ""

    def put(self, name: str, node: ast.expr | None, values: Values, scope: Scope) -> None:
        """Takes a setting from an expression."""
        if node is None:
            return
        value = values.of(node, scope)
        if value is UNKNOWN or isinstance(value, (str, dict)):
            self.unknown[name] = ast.unparse(node)
        elif value is not None:
            self.settings[name] = list(value) if isinstance(value, tuple) else value


def optimizer_call(script: Script, values: Values) -> ast.Call | None:
    """The optimizer that is made if nothing else is chosen."""
    calls = optimizer_calls(script)
    live = [call for call in calls if not values.skipped(call, script.scope_of(call))]
    return next(iter(live or calls), None)


def read_optimizer(script: Script, values: Values, numbers: Numbers, call: ast.Call) -> None:
    """Name and keywords of the optimizer."""
    name, scope = optimizer_name(script, call), script.scope_of(call)
    numbers.settings["optimizer"] = name
    given: dict[str, ast.expr] = {k.arg: k.value for k in call.keywords if k.arg}
    for keyword in call.keywords:
        if keyword.arg is None:
            pairs = values.pairs(keyword.value, scope, 0) or {}
            given |= {str(key): value for key, (value, _) in pairs.items()}
    order = ("lr", "momentum") if name in ("SGD",) else ("lr", "betas") if name.startswith("Adam") else ("lr",)
    for key, positional in zip(order, call.args[1:], strict=False):
        given.setdefault(key, positional)
    for key in _KEPT:
        numbers.put(key, given.get(key), values, scope)
    if "lr" not in given:
        numbers.settings["lr"] = _DEFAULT_LR.get(name, 1e-3)
    others = sorted(set(given) - set(_KEPT) - {"params", "foreach", "fused", "eps", "capturable", "maximize"})
    if others:
        numbers.notes.append(f"{name} is given {', '.join(others)} as well, which settings do not hold")


def read_configured(script: Script, values: Values, numbers: Numbers, call: ast.Call) -> None:
    """``model.configure_optimizers(weight_decay, learning_rate, betas, ...)`` of a file beside the script."""
    scope = script.scope_of(call)
    numbers.settings["optimizer"] = "AdamW"
    for node in (*call.args, *(k.value for k in call.keywords)):
        said = ast.unparse(node).lower()
        if isinstance(node, ast.Tuple) or "betas" in said:
            numbers.put("betas", node, values, scope)
        elif "decay" in said or said in ("wd", "args.wd"):
            numbers.put("weight_decay", node, values, scope)
        elif "lr" in said or "learning_rate" in said:
            numbers.put("lr", node, values, scope)
    numbers.notes.append("the optimizer is made by configure_optimizers of the model: AdamW is assumed")


def read_by_hand(script: Script, values: Values, numbers: Numbers) -> bool:
    """``p.data.add_(p.grad, alpha=-lr)``: gradient descent without an optimizer."""
    for call in ast.walk(script.tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ("add_", "sub_"):
            if ".grad" not in ast.unparse(call):
                continue
            rates = [k.value for k in call.keywords if k.arg == "alpha"] + list(call.args)
            for node in rates:
                inner = node.operand if isinstance(node, ast.UnaryOp) else node
                if isinstance(inner, (ast.Name, ast.Attribute)) and "grad" not in ast.unparse(inner):
                    numbers.settings["optimizer"] = "SGD"
                    numbers.put("lr", inner, values, script.scope_of(call))
                    return True
    return False


def read_batch_size(values: Values, numbers: Numbers, loader: ast.expr | None, scope: Scope) -> None:
    """From the loader's own keywords."""
    if not isinstance(loader, ast.Call):
        return
    found: ast.expr | None = None
    where = scope
    for keyword in loader.keywords:
        if keyword.arg == "batch_size":
            found = keyword.value
        elif keyword.arg is None:
            pairs = values.pairs(keyword.value, scope, 0) or {}
            if "batch_size" in pairs:
                found, where = pairs["batch_size"]
    if found is None and len(loader.args) > 1:
        found = loader.args[1]
    if found is not None:
        numbers.batch = ast.unparse(found)
        numbers.put("batch_size", found, values, where)


def read_length(script: Script, values: Values, numbers: Numbers, loop: Loop) -> None:
    """Epochs from the loop around the batch loop, here or where this function is called; else steps."""
    node: ast.AST = loop.backward
    scope = loop.scope
    for _ in range(5):
        for outer in script.enclosing(node):
            if (isinstance(outer, ast.For) and outer.lineno != loop.line) or (
                isinstance(outer, ast.For) and loop.over is None
            ):
                count = _count(values, outer.iter, scope)
                if loop.counter is not None and outer.iter is loop.counter[1]:
                    numbers.steps = count if count and "range(" in ast.unparse(outer.iter) else None
                    if "epoch" in loop.counter[0]:
                        numbers.settings["epochs"] = count or 0
                        numbers.steps = None
                        return
                    continue
                said = ast.unparse(outer.iter).lower()
                if count is not None and "accum" not in said and "micro" not in said and "range" in said:
                    numbers.settings["epochs"] = count
                    numbers.steps = None
                    return
                if "range" in said and "epoch" in said:
                    numbers.unknown["epochs"] = ast.unparse(outer.iter)
                    return
            elif isinstance(outer, ast.While):
                numbers.steps = _while_steps(values, outer, scope) or numbers.steps
        if scope.node is None:
            return
        calls = script.calls(scope.node)
        if not calls:
            return
        node, scope = calls[0], script.scope_of(calls[0])


def _count(values: Values, node: ast.expr, scope: Scope) -> int | None:
    """How many times a loop over ``range(...)`` runs."""
    if isinstance(node, ast.Call) and node.args:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in ("tqdm", "enumerate", "track", "master_bar"):
            return _count(values, node.args[0], scope)
        if name in ("range", "trange"):
            bounds = [values.of(item, scope) for item in node.args]
            if all(isinstance(bound, int) for bound in bounds):
                return len(range(*bounds))
            if len(node.args) == 2 and isinstance(node.args[1], ast.BinOp) and isinstance(node.args[1].op, ast.Add):
                start = ast.unparse(node.args[0])
                sides = (node.args[1].left, node.args[1].right)
                rest = [values.of(side, scope) for side in sides if ast.unparse(side) != start]
                if len(rest) == 1 and isinstance(rest[0], int):
                    return rest[0]
    return None


def _while_steps(values: Values, node: ast.While, scope: Scope) -> int | None:
    """The largest count in ``while step < n`` or ``if step > n: break``."""
    tests = [node.test] + [inner.test for inner in ast.walk(node) if isinstance(inner, ast.If)
                           and any(isinstance(b, ast.Break) for b in inner.body)]  # fmt: skip
    found = []
    for test in tests:
        if isinstance(test, ast.Compare):
            for side in (test.left, *test.comparators):
                value = values.of(side, scope)
                if (
                    isinstance(value, int)
                    and value > 1
                    and any(w in ast.unparse(side).lower() for w in ("max", "iter", "step"))
                ):
                    found.append(value)
    return max(found, default=None)


def read_extras(script: Script, values: Values, numbers: Numbers) -> None:
    """Clipping, mixed precision, accumulation, schedule."""
    for call in ast.walk(script.tree):
        if not isinstance(call, ast.Call):
            continue
        name, scope = getattr(call.func, "id", getattr(call.func, "attr", "")), script.scope_of(call)
        if values.skipped(call, scope):
            continue
        if name in ("clip_grad_norm_", "clip_grad_norm"):
            given = next((k.value for k in call.keywords if k.arg == "max_norm"), None)
            value = values.of(given or (call.args[1] if len(call.args) > 1 else None), scope)
            if isinstance(value, (int, float)) and value > 0:
                numbers.settings["clip_grad_norm"] = float(value)
        elif name in ("clip_grad_value_", "clip_grad_value"):
            numbers.notes.append("gradients are clipped by value, which settings do not hold")
        elif name in ("autocast", "GradScaler"):
            enabled = next((k.value for k in call.keywords if k.arg == "enabled"), None)
            value = values.of(enabled, scope) if enabled is not None else True
            if name == "autocast" and value is not UNKNOWN and value:
                numbers.settings["amp"] = True
        else:
            _schedule(script, values, numbers, call, name, scope)


def _schedule(script: Script, values: Values, numbers: Numbers, call: ast.Call, name: str, scope: Scope) -> None:
    if "schedule" in numbers.settings or not ("lr_scheduler" in script.dotted(call.func) or name in _WARMED):
        return
    if name == "CosineAnnealingLR":
        numbers.settings["schedule"] = "cosine"
    elif name == "OneCycleLR":
        given = {k.arg: values.of(k.value, scope) for k in call.keywords}
        known = {k: v for k, v in given.items() if k in ("max_lr", "pct_start", "div_factor", "final_div_factor")
                 and isinstance(v, (int, float))}  # fmt: skip
        peak = known.get("max_lr", numbers.settings.get("lr"))
        if peak is not None:
            numbers.settings["schedule"] = {"name": "OneCycleLR", **known, "max_lr": peak}
    elif name in _WARMED:
        warm = values.of(next((k.value for k in call.keywords if k.arg == "num_warmup_steps"), None), scope)
        share = 0.1 if warm is UNKNOWN or warm else 0.01
        if "lr" in numbers.settings:
            numbers.settings["schedule"] = {
                "name": "OneCycleLR", "max_lr": numbers.settings["lr"], "pct_start": share, "cycle_momentum": False,
                "anneal_strategy": _WARMED[name],
            }  # fmt: skip
    elif (found := by_epochs(script, values, call, name, scope)) is not None:
        numbers.settings["schedule"] = found
    elif name in _STEPPED:
        said = f"{name} is not converted: the present settings are compared at a constant rate"
        if said not in numbers.notes:
            numbers.notes.append(said)


def accumulation(script: Script, values: Values) -> int:
    """Batches whose gradients are added up before a step; 1 if none are."""
    names = {n.id for n in ast.walk(script.tree) if isinstance(n, ast.Name) and "accum" in n.id.lower()}
    for name in sorted(names):
        value = values.of(ast.Name(name, ast.Load()), script.module)
        if isinstance(value, int) and 1 < value < 10_000:
            return value
    for name in sorted(values.options):
        value = values.of(values.options[name].default, script.module) if "accum" in name.lower() else UNKNOWN
        if isinstance(value, int) and 1 < value < 10_000:
            return value
    return 1
