"""A scheduler that counts epochs and is stepped for each batch."""

import ast
from collections.abc import Iterator

from advisor.init.loop_faults.region import Region, assigned_calls, constant
from advisor.init.source import Source, called_name, calls, receiver
from advisor.records.loop import LoopFact, LoopFault

_CLASSES = ("StepLR", "MultiStepLR", "ExponentialLR", "CosineAnnealingLR")
_FASTEST = 0.99
_FEW = 100.0


def schedule_faults(source: Source, region: Region) -> Iterator[LoopFact]:
    """TL003: one whose numbers can only be meant in epochs."""
    if not region.looped:
        return
    known = assigned_calls(source, _CLASSES)
    for call in calls(region.body):
        if called_name(call) != "step" or receiver(call) not in known or _waits(source, region, call):
            continue
        made = known[receiver(call)][1]
        why = _in_epochs(source, region, made)
        if why:
            yield LoopFact(LoopFault.SCHEDULE_PER_BATCH, *source.line(call), why)
            return


def _waits(source: Source, region: Region, call: ast.Call) -> bool:
    """Whether the step stands under a condition inside the batch loop."""
    for node in source.around(call):
        if node is region.body:
            return False
        if isinstance(node, ast.If):
            return True
    return True


def _in_epochs(source: Source, region: Region, made: ast.Call) -> str:
    """The scheduler in words, if its numbers are those of epochs; empty if they may be steps."""
    name = called_name(made)
    epochs = region.epochs.iter if isinstance(region.epochs, ast.For) else None
    bound = epochs.args[-1] if isinstance(epochs, ast.Call) and called_name(epochs) == "range" and epochs.args else None
    many = constant(source, bound) or _FEW
    text = ast.unparse(made)
    if name == "StepLR":
        size = constant(source, _argument(made, "step_size", 1))
        return text if size is not None and size <= many else ""
    if name == "MultiStepLR":
        stones = _argument(made, "milestones", 1)
        numbers = [constant(source, item) for item in stones.elts] if isinstance(stones, (ast.List, ast.Tuple)) else []
        found = [number for number in numbers if number is not None]
        return text if found and max(found) <= many else ""
    if name == "ExponentialLR":
        gamma = constant(source, _argument(made, "gamma", 1))
        return text if gamma is not None and gamma <= _FASTEST else ""
    longest = _argument(made, "T_max", 1)
    same = longest is not None and bound is not None and ast.unparse(longest) == ast.unparse(bound)
    return text if same else ""


def _argument(call: ast.Call, name: str, place: int) -> ast.expr | None:
    named = next((item.value for item in call.keywords if item.arg == name), None)
    return named or (call.args[place] if len(call.args) > place else None)
