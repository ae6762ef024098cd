"""Dependence of the outputs on other examples, later tokens, token order, and chance."""

import copy
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from advisor.probes.preflight.loss_watch import LossWatch
from advisor.runtime.randomness import seeded
from advisor.task.data.batches import tensors_in
from advisor.task.data.streams import BatchData, StreamData
from advisor.task.step.losses import prediction

if TYPE_CHECKING:
    from advisor.task.task import Task

_FEW = 8
_LEAST_TOKENS = 4
_SHIFTED, _MOVES, _NUDGE = 0.95, 1e-4, 0.02
_SEES_ALL = (nn.RNNBase, nn.MultiheadAttention, nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)
_SEES_ORDER = (*_SEES_ALL, nn.Conv1d)


def few_examples(task: "Task") -> Any | None:
    """A batch of a few training examples; None if examples cannot be selected."""
    if isinstance(task.train, (BatchData, StreamData)) or task.train.size < 2 * _FEW:
        return None
    return task.train.take(range(_FEW))


def chance(task: "Task", model: nn.Module, batch: Any) -> tuple[float, bool]:
    """Relative change between two evaluations of one batch, and whether dropout was active in them."""
    with LossWatch() as watch:
        first = _outputs(task, model, batch, seed=0)
    second = _outputs(task, model, batch, seed=1)
    return _change(first, second), watch.dropouts > 0


def other_examples(task: "Task", model: nn.Module, batch: Any) -> float:
    """Relative change of half of a batch when the other half is exchanged, either way round."""
    half = _FEW // 2
    behind = task.train.take([*range(half), *range(_FEW, _FEW + half)])
    before = task.train.take([*range(_FEW, _FEW + half), *range(half, _FEW)])
    found = [
        _kept(task, model, batch, behind, slice(0, half)),
        _kept(task, model, batch, before, slice(half, _FEW)),
    ]
    return max((change for change in found if math.isfinite(change)), default=math.nan)


def _kept(task: "Task", model: nn.Module, batch: Any, other: Any, kept: slice) -> float:
    """Relative change of the outputs for the examples that two batches share."""
    ours, theirs = list(tensors_in(batch)), list(tensors_in(other))
    if not ours or any(a.shape != b.shape for a, b in zip(ours, theirs, strict=True)):
        return math.nan
    if not torch.equal(ours[0][kept], theirs[0][kept]) or torch.equal(ours[0], theirs[0]):
        return math.nan
    first, second = (_outputs(task, model, item) for item in (batch, other))
    if first is None or second is None or len(first) != _FEW or len(second) != _FEW:
        return math.nan
    return _change(first[kept], second[kept])


def later_tokens(task: "Task", model: nn.Module, batch: Any) -> float:
    """Relative change of outputs for earlier tokens when later ones change; NaN unless targets are next tokens."""
    found = _next_token_inputs(task, model, batch)
    if found is None:
        return math.nan
    tokens, out, put = found
    cut = tokens.shape[1] // 2
    changed = tokens.clone()
    changed[:, cut:] = tokens.roll(1, 0)[:, cut:]
    if torch.equal(changed, tokens):
        return math.nan
    after = _outputs(task, model, put(changed))
    return math.nan if after is None else _change(out[:, :cut], after[:, :cut])


def token_order(task: "Task", model: nn.Module, batch: Any) -> float:
    """Relative change of the outputs when the tokens of each row are permuted; NaN where this is not meaningful."""
    if not any(isinstance(module, _SEES_ORDER) for module in model.modules()):
        return math.nan
    inputs = batch[0] if isinstance(batch, (tuple, list)) and len(batch) > 1 else None
    if not isinstance(inputs, torch.Tensor) or inputs.is_floating_point() or inputs.ndim != 2:
        return math.nan
    length = inputs.shape[1]
    if length < _LEAST_TOKENS:
        return math.nan
    order = torch.arange(length - 1, -1, -1, device=inputs.device)
    first = _outputs(task, model, batch)
    second = _outputs(task, model, type(batch)((inputs[:, order], *batch[1:])))
    if first is None or second is None or first.shape != second.shape:
        return math.nan
    if first.ndim > 2 and first.shape[1] == length:
        first = first[:, order]
    return _change(first, second)


def unread_half(task: "Task", model: nn.Module, batch: Any) -> str:
    """``earlier`` or ``later`` where this half of each sequence changes no output although the other does.

    Asked of models with a recurrent layer or attention and one answer a sequence; else empty. All weights are moved a
    little first, as branches that begin at zero are silent and wake up.
    """
    if not any(isinstance(module, _SEES_ALL) for module in model.modules()):
        return ""
    inputs = batch[0] if isinstance(batch, (tuple, list)) and len(batch) == 2 else None
    if not isinstance(inputs, torch.Tensor) or inputs.ndim != (3 if inputs.is_floating_point() else 2):
        return ""
    model = copy.deepcopy(model)
    with seeded(0), torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(_NUDGE * torch.randn_like(parameter))
    length, targets, before = inputs.shape[1], task.targets(batch), _outputs(task, model, batch)
    if length < _LEAST_TOKENS or not isinstance(targets, torch.Tensor) or before is None or before.ndim > 2:
        return ""
    if targets.ndim > 1 and length in targets.shape[1:]:
        return ""
    changes = {}
    for name, part in (("earlier", slice(0, length // 2)), ("later", slice(length // 2, length))):
        other = inputs.clone()
        other[:, part] = inputs.roll(1, 0)[:, part]
        after = _outputs(task, model, type(batch)((other, batch[1])))
        if after is None or bool((other == inputs).flatten(1).all(1).any()):
            return ""
        changes[name] = float((after - before).abs().max()) / max(1e-12, float(before.abs().max()))
    silent = [name for name, change in changes.items() if change == 0.0]
    return silent[0] if len(silent) == 1 and max(changes.values()) > _MOVES else ""


def _next_token_inputs(
    task: "Task", model: nn.Module, batch: Any
) -> tuple[torch.Tensor, torch.Tensor, Callable[[torch.Tensor], Any]] | None:
    """The part of a batch whose next entries are the targets, the outputs, and a function that replaces the part."""
    if not isinstance(batch, (tuple, list)) or len(batch) < 2 or task.way.call is None:
        return None
    targets, out = task.targets(batch), _outputs(task, model, batch)
    if not isinstance(targets, torch.Tensor) or out is None or out.ndim < 2:
        return None
    for index, part in enumerate(batch[:-1]):
        alike = isinstance(part, torch.Tensor) and part.ndim >= 2 and part.shape == targets.shape
        if not alike or part.shape[1] < _LEAST_TOKENS or out.shape[:2] != part.shape[:2]:
            continue
        if float((targets[:, :-1] == part[:, 1:]).float().mean()) >= _SHIFTED and not torch.equal(targets, part):
            return part, out, lambda new, at=index: type(batch)((*batch[:at], new, *batch[at + 1 :]))
    return None


def _outputs(task: "Task", model: nn.Module, batch: Any, seed: int = 0) -> torch.Tensor | None:
    """Predictions in evaluation mode; None if the task does not expose them."""
    if task.way.call is None:
        return None
    was = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with seeded(seed), torch.no_grad():
            out = prediction(task.way.call(model, batch)[0])
    finally:
        for module, mode in was:
            module.training = mode
    return out.detach().float() if isinstance(out, torch.Tensor) and out.ndim else None


def _change(first: torch.Tensor | None, second: torch.Tensor | None) -> float:
    if first is None or second is None or first.shape != second.shape or not first.numel():
        return math.nan
    size = float((first - first.mean()).abs().mean()) + 1e-3 * float(first.abs().mean())
    return float((first - second).abs().mean()) / size if size > 0 else math.nan
