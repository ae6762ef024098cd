"""Records the losses that a training step calls, and broadcasts of outputs against targets."""

import math
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from advisor.probes.preflight.origin import made_by
from advisor.records.looks import Broadcast, LossCall

_LOSSES = (
    "cross_entropy", "nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div", "mse_loss",
    "l1_loss", "smooth_l1_loss", "huber_loss", "ctc_loss", "poisson_nll_loss", "gaussian_nll_loss",
)  # fmt: skip
_SIGNED = ("cosine_embedding_loss", "hinge_embedding_loss", "margin_ranking_loss", "soft_margin_loss")
_BY_VALUE = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
_PAIRED = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy_with_logits")
_OPERATIONS = ("sub", "rsub", "__sub__", "__rsub__", "mul", "__mul__", "add", "__add__", "subtract")
_CLOSE = 1e-3


class LossWatch(TorchFunctionMode):
    """While active, records calls of torch's losses and expansions of outputs against targets."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[LossCall] = []
        self.broadcasts: list[Broadcast] = []
        self.ctc_impossible = math.nan
        self.dropouts = 0
        self.scrambled: tuple[tuple[int, ...], ...] = ()
        self._scores: list[torch.Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Records the call, then makes it."""
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name in _LOSSES or name in _OPERATIONS or name in _SIGNED or name == "dropout":
            with torch._C.DisableTorchFunction(), torch.no_grad():
                self._note(name, args, kwargs)
        return func(*args, **kwargs)

    def _note(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if name == "dropout":
            given = [*args, kwargs.get("p"), kwargs.get("training", True)]
            share = kwargs.get("p", args[1] if len(args) > 1 else 0.5)
            working = kwargs.get("training", args[2] if len(args) > 2 else True)
            self.dropouts += bool(given and working and share)
            return
        tensors = [
            item for item in (*args, kwargs.get("input"), kwargs.get("target")) if isinstance(item, torch.Tensor)
        ]
        if len(tensors) < 2:
            return
        one, other = tensors[0], tensors[1]
        if name in _PAIRED or name in _OPERATIONS:
            self._expanded(name, one, other)
        if name in ("cross_entropy", "nll_loss") and one.ndim > 2:
            self._scores.append(one)
        if name in _LOSSES or name in _SIGNED:
            self.calls.append(_call(name, one, tensors[-1] if name in _SIGNED else other))
        if name in _BY_VALUE and _class_numbers(one, other):
            self.broadcasts.append(Broadcast(name, tuple(one.shape), tuple(other.shape)))
        if name == "ctc_loss":
            self.ctc_impossible = _impossible(args, kwargs)

    def scrambled_in(self, out: Any) -> tuple[tuple[int, ...], ...]:
        """Shapes of outputs (B, ..., C) and of the scores (B, C, ...) that are their memory in the same order."""
        if not isinstance(out, torch.Tensor) or out.ndim < 3 or not out.is_contiguous():
            return ()
        turned = (out.shape[0], out.shape[-1], *out.shape[1:-1])
        for scores in self._scores:
            same = scores.data_ptr() == out.data_ptr() and scores.is_contiguous()
            if same and tuple(scores.shape) == turned and turned != tuple(out.shape):
                return tuple(out.shape), turned
        return ()

    def _expanded(self, name: str, one: torch.Tensor, other: torch.Tensor) -> None:
        """Records a row against a column, one of them with a gradient: their difference is a square."""
        learned, given = (one, other) if one.requires_grad else (other, one)
        if not learned.requires_grad or given.requires_grad:
            return
        flat, column = sorted((learned, given), key=lambda item: item.ndim)
        if flat.ndim == 1 and column.ndim == 2 and tuple(column.shape) == (len(flat), 1) and len(flat) > 1:
            found = Broadcast(name, tuple(learned.shape), tuple(given.shape))
            if found not in self.broadcasts:
                self.broadcasts.append(found)


def _call(name: str, scores: torch.Tensor, targets: torch.Tensor) -> LossCall:
    values = scores.detach().float()
    axis = 1 if values.ndim > 1 and name in ("cross_entropy", "nll_loss") else values.ndim - 1
    total = ""
    if values.numel() and values.ndim > 1 and values.shape[axis] > 1:
        if bool((values >= 0).all()) and bool((values.sum(axis) - 1).abs().max() < _CLOSE):
            total = "one"
        elif bool(values.logsumexp(axis).abs().max() < _CLOSE):
            total = "log"
    classes = int(values.shape[axis]) if values.ndim > 1 else 1
    low, high = (float(values.min()), float(values.max())) if values.numel() else (0.0, 0.0)
    least, most = (float(targets.min()), float(targets.max())) if targets.numel() else (math.nan, math.nan)
    return LossCall(name, made_by(scores), total, classes, low, high, least, most)


def _class_numbers(scores: torch.Tensor, targets: torch.Tensor) -> bool:
    """Whether a column of whole numbers, each of which has a place among several outputs, meets all of them."""
    if scores.ndim != 2 or scores.shape[1] < 2 or tuple(targets.shape) != (len(scores), 1):
        return False
    whole = bool((targets == targets.round()).all()) and 0 <= float(targets.min()) < float(targets.max())
    return whole and float(targets.max()) < scores.shape[1]


def _impossible(args: tuple[Any, ...], kwargs: dict[str, Any]) -> float:
    """Share of examples with fewer frames than their labels and repeats need."""
    names = ("log_probs", "targets", "input_lengths", "target_lengths")
    given: list[Any] = [kwargs.get(name, args[i] if i < len(args) else None) for i, name in enumerate(names)]
    _, targets, frames, labels = given
    lengths = [int(item) for item in torch.as_tensor(labels).flatten()]
    room = [int(item) for item in torch.as_tensor(frames).flatten()]
    if targets.ndim == 2:
        rows = [targets[i, :n] for i, n in enumerate(lengths)]
    else:
        rows = list(torch.split(targets[: sum(lengths)], lengths))
    needed = [len(row) + int((row[1:] == row[:-1]).sum()) for row in rows]
    return sum(need > have for need, have in zip(needed, room, strict=True)) / max(1, len(room))
