"""How the model is called with a batch: by the names and number of its arguments, then by trial."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from advisor.errors import ContractError
from advisor.records.spec import Keywords
from advisor.runtime.oom import out_of_memory
from advisor.runtime.randomness import seeded
from advisor.task.data.batches import described, field
from advisor.task.data.graphs import TRAIN_MASK
from advisor.task.step.losses import own_loss, prediction

TARGETS = ("labels", "label", "targets", "target", "y")
_MASKS = ("mask", "masks", "segmentation", "boxes")
_WHOLE = ("batch", "data", "graph", "sample", "samples", "inputs", "features", "x", "input")
_KINDS = inspect.Parameter


@dataclass(frozen=True, slots=True)
class Call:
    """A way to call a model with a batch.

    Attributes:
        said: Description for people; empty for the usual ``model(inputs)`` of ``(inputs, targets)``.
        arguments: Positional and keyword arguments from a batch.
        targets: Targets from a batch; None if there are none.
        has_targets: Whether the model also gets the targets, and so may compute the loss itself.
        masked: Whether outputs and targets are restricted to ``train_mask``.
        unlabelled: Whether the batch contains only inputs.
        next_token: Whether outputs are predictions of the next token, which ``targets`` gives.
    """

    said: str
    arguments: Callable[[Any], tuple[tuple[Any, ...], Keywords]]
    targets: Callable[[Any], Any]
    has_targets: bool = False
    masked: bool = False
    unlabelled: bool = False
    next_token: bool = False

    def __call__(self, model: nn.Module, batch: Any) -> tuple[Any, Any]:
        """Outputs and targets of a batch."""
        args, kwargs = self.arguments(batch)
        outputs, targets = model(*args, **kwargs), self.targets(batch)
        if self.next_token:
            return prediction(outputs)[:, :-1], targets
        if not self.masked:
            return outputs, targets
        mask = field(batch, TRAIN_MASK)
        return prediction(outputs)[mask], targets[mask]


def find_call(model: nn.Module, batch: Any) -> tuple[Call, Any, Any]:
    """Finds the first call that fits the model's signature and runs.

    Returns:
        The call, and its outputs and targets for ``batch``.

    Raises:
        ContractError: If none works; with the error of the most likely one.
    """
    failures: list[Exception] = []
    was = model.training
    model.eval()
    try:
        for call in _ways(_Signature.of(model), batch):
            try:
                with seeded(0), torch.no_grad():
                    outputs, targets = call(model, batch)
            except ContractError:
                raise
            except Exception as error:
                if out_of_memory(error):
                    raise
                failures.append(error)
                continue
            if call.has_targets and own_loss(outputs) is None:
                continue
            return call, outputs, targets
    finally:
        model.train(was)
    first = failures[0] if failures else TypeError("forward takes other arguments than the batch contains")
    message = str(first).splitlines()[0] if str(first) else ""
    raise ContractError(
        "data that fits the model",
        f"model(inputs) raises {type(first).__name__}: {message} (batch: {described(batch)})",
        "make the shapes and types of train_data match what the model's forward takes, or define training_step",
    ) from first


@dataclass(frozen=True, slots=True)
class _Signature:
    """Argument names of ``forward``, the number of required ones, and whether it takes any number."""

    names: tuple[str, ...]
    needed: tuple[str, ...]
    many: bool
    any_name: bool

    @staticmethod
    def of(model: nn.Module) -> "_Signature":
        try:
            parameters = list(inspect.signature(model.forward).parameters.values())
        except (TypeError, ValueError):
            return _Signature((), (), True, True)
        plain = [p for p in parameters if p.kind in (_KINDS.POSITIONAL_ONLY, _KINDS.POSITIONAL_OR_KEYWORD)]
        named = plain + [p for p in parameters if p.kind == _KINDS.KEYWORD_ONLY]
        return _Signature(
            tuple(p.name for p in named),
            tuple(p.name for p in named if p.default is _KINDS.empty),
            any(p.kind == _KINDS.VAR_POSITIONAL for p in parameters),
            any(p.kind == _KINDS.VAR_KEYWORD for p in parameters),
        )

    def takes(self, count: int) -> bool:
        return len(self.needed) <= count and (self.many or count <= len(self.names))

    def target(self) -> str | None:
        return next((name for name in TARGETS if name in self.names), None)


def _ways(forward: _Signature, batch: Any) -> Iterator[Call]:
    if isinstance(batch, torch.Tensor):
        yield Call("batches are inputs without targets", lambda b: ((b,), {}), lambda b: b, unlabelled=True)
    elif isinstance(batch, (tuple, list)):
        yield from _tuple_ways(forward, batch)
    elif isinstance(batch, Mapping):
        yield from _named_ways(forward, batch, [str(key) for key in batch])
    else:
        yield from _named_ways(forward, batch, [name for name in forward.names if field(batch, name) is not None])


def _tuple_ways(forward: _Signature, batch: "tuple[Any, ...] | list[Any]") -> Iterator[Call]:
    count = len(batch)
    if count == 1:
        yield Call("batches are inputs without targets", lambda b: ((b[0],), {}), lambda b: b[0], unlabelled=True)
        return
    if forward.target() is not None and forward.takes(count):
        said = f"the model gets inputs and {forward.target()}, and computes the loss itself"
        yield Call(said, lambda b: (tuple(b), {}), lambda b: b[-1], has_targets=True)
    first = batch[0]
    if isinstance(first, Mapping) and (forward.any_name or set(map(str, first)) <= set(forward.names)):
        said = f"model(**inputs) with {', '.join(map(str, first))}"
        yield Call(said, lambda b: ((), dict(b[0])), lambda b: _rest(b, 1))
    if isinstance(first, (tuple, list)) and len(forward.needed) > 1 and forward.takes(len(first)):
        yield Call(f"model(*inputs) of {len(first)} inputs", lambda b: (tuple(b[0]), {}), lambda b: _rest(b, 1))
    if forward.takes(count - 1):
        said = "" if count == 2 else f"model takes the first {count - 1} parts of a batch, the last is the target"
        yield Call(said, lambda b: (tuple(b[:-1]), {}), lambda b: b[-1])
    for size in range(count - 2, 0, -1):
        if forward.takes(size) and not forward.many:
            yield Call(
                f"model takes the first {size} of {count} parts of a batch, the rest are the targets",
                partial(_leading, size),
                partial(_rest, start=size),
            )


def _named_ways(forward: _Signature, batch: Any, names: list[str]) -> Iterator[Call]:
    target = next((name for name in TARGETS if field(batch, name) is not None), None)
    masked = isinstance(field(batch, TRAIN_MASK), torch.Tensor)
    keys = [name for name in names if forward.any_name or name in forward.names]
    covered = set(forward.needed) <= set(keys)
    if target is not None and target in keys and covered:
        said = f"model(**batch) with {', '.join(keys)}; it computes the loss itself"
        yield Call(said, _by_name(keys), _one(target), has_targets=True)
    inputs = [name for name in keys if name != target]
    left = [name for name in names if name not in inputs and field(batch, name) is not None]
    goal = target or next((name for name in _MASKS if name in left), left[-1] if left else None)
    if covered and inputs:
        said = f"model gets {', '.join(inputs)} by name" + (f", target {goal}" if goal else "")
        yield Call(said, _by_name(inputs), _one(goal), masked=masked, unlabelled=goal is None)
    if len(forward.needed) != 1 and not forward.many:
        return
    others = [name for name in names if name != goal] if isinstance(batch, Mapping) else []
    whole = Call(
        f"model gets the whole batch ({type(batch).__name__})" + (f", target {goal}" if goal else ""),
        lambda b: ((b,), {}),
        _one(goal),
        masked=masked,
    )
    if len(others) != 1:
        yield whole
    for name in others or [name for name in _WHOLE if field(batch, name) is not None][:1]:
        said = f"model({name})" + (f", target {goal}" if goal and goal != name else "")
        yield Call(said, _positional(name), _one(goal or name), masked=masked, unlabelled=goal is None)
    if len(others) == 1:
        yield whole


def _by_name(names: list[str]) -> Callable[[Any], tuple[tuple[Any, ...], Keywords]]:
    return lambda batch: ((), {name: field(batch, name) for name in names})


def _positional(name: str) -> Callable[[Any], tuple[tuple[Any, ...], Keywords]]:
    return lambda batch: ((field(batch, name),), {})


def _one(name: str | None) -> Callable[[Any], Any]:
    return lambda batch: None if name is None else field(batch, name)


def _leading(size: int, batch: Any) -> tuple[tuple[Any, ...], Keywords]:
    return tuple(batch[:size]), {}


def _rest(batch: Any, start: int) -> Any:
    return batch[start] if len(batch) == start + 1 else tuple(batch[start:])
