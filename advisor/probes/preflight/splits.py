"""Comparison of training and validation inputs: scale, columns, and overlapping sequences."""

import math
from typing import TYPE_CHECKING, Any

import torch

from advisor.task.data.batches import tensors_in
from advisor.task.data.indexed import spread
from advisor.task.data.streams import BatchData, StreamData

if TYPE_CHECKING:
    from advisor.task.data.data import Data

_SAMPLE, _AT_ONCE = 1000, 256
_BYTES = 2**26
_LEAST_LENGTH = 8
_PIECES = 400_000
_ROWS = 200
_DISTINCT = 64


def sample_inputs(data: "Data", batch: Any, examples: int) -> torch.Tensor | None:
    """The first input of a sample of examples, as one tensor; None if there is none.

    Args:
        data: Training or validation data.
        batch: A batch, to estimate the size of an example.
        examples: Number of examples in it.
    """
    if isinstance(data, (BatchData, StreamData)):
        return None
    held = sum(tensor.element_size() * tensor.nelement() for tensor in tensors_in(batch))
    count = min(data.size, _SAMPLE, max(8, _BYTES * examples // max(1, held)))
    places = spread(data.size, count)
    pieces = [_first_input(data.take(places[i : i + _AT_ONCE])) for i in range(0, len(places), _AT_ONCE)]
    known = [piece for piece in pieces if piece is not None]
    alike = len(known) == len(pieces) and len({piece.shape[1:] for piece in known}) == 1
    return torch.cat(known) if alike else next(iter(known), None)


def _first_input(part: Any) -> torch.Tensor | None:
    tensors = list(tensors_in(part[:-1] if isinstance(part, (tuple, list)) and len(part) > 1 else part))
    return tensors[0].detach().cpu() if tensors and tensors[0].ndim else None


def scale(inputs: torch.Tensor | None) -> tuple[float, float]:
    """Mean and standard deviation of floating inputs."""
    if inputs is None or not inputs.is_floating_point() or inputs.numel() < 2:
        return math.nan, math.nan
    return float(inputs.float().mean()), float(inputs.float().std())


def largest_column(inputs: torch.Tensor | None) -> tuple[float, float, float]:
    """For a table: the column with the largest values, their root mean square, and that of a median column."""
    if inputs is None or not inputs.is_floating_point() or inputs.ndim != 2 or inputs.shape[1] < 2:
        return math.nan, math.nan, math.nan
    sizes = inputs.float().square().mean(0).sqrt()
    return float(sizes.argmax()), float(sizes.max()), float(sizes.median())


def window_overlap(train: "Data", val: "Data") -> float:
    """Share of validation sequences whose second half occurs, value for value, in a training sequence.

    Only for real-valued data in memory, of shape (N, T) or (N, T, F), of at least 8 steps: texts repeat by chance.
    """
    ours, held_out = (getattr(data, "tensors", None) for data in (train, val))
    if not ours or not held_out:
        return math.nan
    inputs, other = ours[0].cpu(), held_out[0].cpu()
    if inputs.ndim not in (2, 3) or inputs.shape[1:] != other.shape[1:] or not inputs.is_floating_point():
        return math.nan
    length = inputs.shape[1]
    if length < _LEAST_LENGTH:
        return math.nan
    if torch.unique(inputs[:_ROWS]).numel() < _DISTINCT:
        return math.nan  # Sequences with few distinct values repeat by chance.
    size = length // 2
    if len(inputs) * (length - size + 1) > _PIECES or inputs[0].numel() > 4096:
        return math.nan
    rows = other[:: max(1, len(other) // _ROWS)]
    pieces = [row[length - size :] for row in rows]
    wanted = {piece.contiguous().numpy().tobytes() for piece in pieces if bool((piece != piece[:1]).any())}
    if not wanted:
        return math.nan
    step = inputs.element_size() * inputs[0, 0].numel()
    found: set[bytes] = set()
    for row in inputs:
        held = row.contiguous().numpy().tobytes()
        for start in range(length - size):  # Equal positions are duplicates of whole examples: PF009.
            piece = held[start * step : (start + size) * step]
            if piece in wanted:
                found.add(piece)
    return len(found) / len(wanted)
