"""Full-batch steps: the examples are found among the names of the loop, and become a data set.

A name counts as examples if the loss of the whole is the mean of the losses of its halves.
"""

import ast
import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import TensorDataset

from advisor.capture.events import Namespace
from advisor.capture.loop import Body
from advisor.capture.step import Step

_FEWEST = 8
_CLOSE = 1e-4
_HELD = ("val", "valid", "dev", "va", "test", "te")


@dataclass(frozen=True, slots=True)
class Whole:
    """The examples of a full-batch step.

    Attributes:
        names: Names of the tensors in the loop.
        train: Training rows.
        val: Validation rows; None if the script has none.
        held: Names of the validation tensors.
        indices: Whether they are indices of nodes rather than examples.
    """

    names: tuple[str, ...]
    train: TensorDataset
    val: TensorDataset | None
    held: tuple[str, ...]
    indices: bool


def find_whole(body: Body, step: Step, model: nn.Module) -> Whole | None:
    """Finds the examples.

    Args:
        body: The loop body.
        step: Runs the body; its ``names`` are set if examples are found.
        model: A copy of the model before its first step.
    """
    if body.node is None:
        return None
    space = body.space()
    found = [n for n in ast.walk(body.node) if isinstance(n, ast.Name)]
    changed = step.recorder.uncarried.replaced | {n.id for n in found if isinstance(n.ctx, ast.Store)}
    used = {n.id for n in found} - changed
    tensors = {
        name: space[name]
        for name in sorted(used)
        if isinstance(space.get(name), torch.Tensor) and space[name].ndim and not space[name].requires_grad
    }
    model.eval()
    for names, indices in [(n, False) for n in _rows(tensors)] + [(n, True) for n in _numbers(tensors)]:
        values = [_plain(tensors[name], indices) for name in names]
        if len(values[0]) >= _FEWEST and _is_mean(step, model, names, values):
            step.names = names
            held = _held(names, space, values, indices)
            rows = [_plain(space[name], indices) for name in held]
            return Whole(names, TensorDataset(*values), TensorDataset(*rows) if rows else None, held, indices)
    return None


def _rows(tensors: dict[str, torch.Tensor]) -> list[tuple[str, ...]]:
    """Groups of tensors with equal numbers of rows, the largest group first."""
    by_rows: dict[int, list[str]] = {}
    for name, tensor in tensors.items():
        by_rows.setdefault(len(tensor), []).append(name)
    return [tuple(names) for _, names in sorted(by_rows.items(), key=lambda item: -len(item[1]))]


def _numbers(tensors: dict[str, torch.Tensor]) -> list[tuple[str, ...]]:
    """Masks and lists of node indices, one at a time."""
    kinds = (torch.bool, torch.int64)
    found = [(name, t) for name, t in tensors.items() if t.ndim == 1 and t.dtype in kinds]
    return [(name,) for name, _ in sorted(found, key=lambda item: ("mask" not in item[0], "idx" not in item[0]))]


def _plain(tensor: torch.Tensor, indices: bool) -> torch.Tensor:
    return tensor.nonzero().squeeze(1) if indices and tensor.dtype == torch.bool else tensor


def _is_mean(step: Step, model: nn.Module, names: tuple[str, ...], values: list[torch.Tensor]) -> bool:
    half = len(values[0]) // 2
    losses = []
    step.names = names
    try:
        with torch.no_grad():
            for part in (slice(None), slice(None, half), slice(half, None)):
                losses.append(float(step.loss(model, tuple(value[part] for value in values))))
    except Exception:
        return False
    finally:
        step.names = ()
    whole, first, second = losses
    share = half / len(values[0])
    differ = not math.isclose(first, second, rel_tol=1e-6)
    return differ and math.isclose(whole, share * first + (1 - share) * second, rel_tol=_CLOSE, abs_tol=1e-7)


def _held(names: tuple[str, ...], space: Namespace, values: list[torch.Tensor], indices: bool) -> tuple[str, ...]:
    """Names of tensors that differ from these only in a marker for validation; empty if there are none."""
    for word in _HELD:
        found = []
        for name, value in zip(names, values, strict=True):
            other = next((o for o in _named_so(name, word) if isinstance(space.get(o), torch.Tensor)), None)
            tensor = None if other is None else _plain(space[other], indices)
            if tensor is None or tensor.ndim != value.ndim or tensor.shape[1:] != value.shape[1:] or not len(tensor):
                break
            found.append(str(other))
        if len(found) == len(names):
            return tuple(found)
    return ()


def _named_so(name: str, word: str) -> list[str]:
    names = [name.replace("train", word), name.replace("training", word), name.replace("Train", word.capitalize()),
             name.replace("tr", word), f"{name}_{word}", f"{word}_{name}"]  # fmt: skip
    return [other for other in names if other != name]
