"""Gradients: zeroed, divided, clipped, and in which order."""

import ast
from collections.abc import Iterator

from advisor.init.loop_faults.region import Region, assigned_calls
from advisor.init.source import Source, called_name, calls, receiver
from advisor.records.loop import LoopFact, LoopFault

OPTIMIZERS = (
    "SGD", "Adam", "AdamW", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Rprop", "ASGD", "Adafactor",
)  # fmt: skip
_ZEROES = ("zero_grad", "zero_")
_CLIPS = ("clip_grad_norm_", "clip_grad_value_", "clip_grad_norm")
_HANDLED_ELSEWHERE = ("accelerator", "fabric", "engine", "deepspeed")


def gradient_faults(source: Source, region: Region) -> Iterator[LoopFact]:
    """TL001, TL002, TL004 and TL009."""
    optimizers = set(assigned_calls(source, OPTIMIZERS))
    steps = [call for call in calls(region.body) if _steps(call, optimizers)]
    if not steps:
        return
    zeroed = list(_zeroings(region.body))
    elsewhere = [node for function in source.called(region.body) for node in _zeroings(function)]
    others = [] if region.looped else list(_zeroings(source.tree))
    if not (zeroed or elsewhere or others):
        yield LoopFact(LoopFault.NOT_ZEROED, *source.line(region.backward), receiver(steps[0]))
    yield from _zeroed_before_step(source, region, steps)
    if not any(word in ast.unparse(region.body).lower() for word in _HANDLED_ELSEWHERE):
        yield from _not_divided(source, region, steps)
    yield from _clipped_scaled(source, region)


def _steps(call: ast.Call, optimizers: set[str]) -> bool:
    """Whether a call is the step of an optimizer, also through a scaler."""
    if called_name(call) != "step":
        return False
    if receiver(call) in optimizers or _looks_like_one(receiver(call)):
        return True
    given = ast.unparse(call.args[0]) if len(call.args) == 1 else ""
    return given in optimizers or _looks_like_one(given)


def _looks_like_one(name: str) -> bool:
    last = name.split(".")[-1].lower()
    return "optim" in last or last in ("opt", "opt_g", "opt_d")


def _zeroings(part: ast.AST) -> Iterator[ast.AST]:
    """What sets gradients to zero or None."""
    for node in ast.walk(part):
        if isinstance(node, ast.Call) and called_name(node) in _ZEROES and "zero" in called_name(node):
            if called_name(node) == "zero_grad" or ".grad" in receiver(node):
                yield node
        elif isinstance(node, ast.Assign) and any(ast.unparse(t).endswith(".grad") for t in node.targets):
            yield node


def _zeroed_before_step(source: Source, region: Region, steps: list[ast.Call]) -> Iterator[LoopFact]:
    """A ``zero_grad`` after ``backward`` and before the ``step`` that should use the gradient, in one block."""
    for block in _blocks(region.body):
        own = [call for statement in block if isinstance(statement, ast.Expr) for call in calls(statement)]
        pending: ast.Call | None = None
        fresh = False
        for call in own:
            name = called_name(call)
            if name in ("backward", "manual_backward"):
                fresh, pending = True, None
            elif name == "zero_grad" and fresh:
                pending = call
            elif call in steps:
                same = pending is not None and _same(receiver(pending), call)
                if pending is not None and same:
                    yield LoopFact(LoopFault.ZEROED_BEFORE_STEP, *source.line(pending), receiver(pending))
                fresh, pending = False, None


def _same(zeroed: str, step: ast.Call) -> bool:
    """Whether what was zeroed is what is stepped; a model's gradients are everybody's."""
    stepped = {receiver(step), *(ast.unparse(item) for item in step.args)}
    return zeroed in stepped or not _looks_like_one(zeroed)


def _blocks(part: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(part):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _not_divided(source: Source, region: Region, steps: list[ast.Call]) -> Iterator[LoopFact]:
    """The step waits for several batches, and nothing divides the loss or the gradients by their number."""
    if not region.looped:
        return
    waits = [node for step in steps for node in source.around(step) if isinstance(node, ast.If)]
    counted = [node for node in waits if any(isinstance(item, ast.Mod) for item in ast.walk(node.test))]
    if not counted or any(region.backward in ast.walk(node) for node in counted):
        return
    if len([call for call in calls(region.body) if called_name(call) == "backward"]) > 1:
        return
    parts = [region.body, *source.called(region.body)]
    if any(_divides(part) for part in parts) or "reduction='sum'" in ast.unparse(source.tree):
        return
    yield LoopFact(LoopFault.NOT_DIVIDED, *source.line(region.backward), ast.unparse(counted[0].test))


def _divides(part: ast.AST) -> bool:
    """Whether something that may be a loss or a gradient is divided, or multiplied by a share."""
    for node in ast.walk(part):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Div, ast.Mult)):
            return True
        if isinstance(node, ast.Call) and called_name(node) in ("div_", "mul_", "div"):
            return True
        inside = isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Mult))
        if inside and "loss" in ast.unparse(node).lower():
            return True
        if inside and isinstance(node, ast.BinOp) and any(isinstance(item, ast.Call) for item in ast.walk(node)):
            return True
    return False


def _clipped_scaled(source: Source, region: Region) -> Iterator[LoopFact]:
    """Clipping between ``scaler.scale(loss).backward()`` and ``scaler.step`` without ``unscale_``."""
    scalers = assigned_calls(source, ("GradScaler",))
    if not scalers or "scale(" not in ast.unparse(region.backward.func):
        return
    unscaled = False
    for call in calls(region.body):
        unscaled |= called_name(call) == "unscale_"
        if called_name(call) in _CLIPS and not unscaled:
            yield LoopFact(LoopFault.CLIP_BEFORE_UNSCALE, *source.line(call), next(iter(scalers)))
            return
