"""Training steps of a script that its first loss does not show and that probes leave out.

Weights or gradients that are changed outside the optimizer, settings of the optimizer that move, weights that are
frozen or released later, numbers that the loss reads and that change as training goes on.
"""

import ast
from collections.abc import Iterable
from types import FrameType
from typing import Any

import numpy as np
import torch

from advisor.capture.events import Namespace, Place
from advisor.capture.loop import Body, loops_around
from advisor.records.spec import Keywords

_RATE = ("lr", "initial_lr")
_CYCLED = ("momentum", "betas", "max_momentum", "base_momentum")
_AVERAGES = ("ema", "swa", "averaged", "polyak")
_APART = 1e-3
_MOST_LOOKS = 300
Sums = dict[int, tuple[str, str]]


class Uncarried:
    """Compares weights, gradients and groups between the moments at which only the optimizer changes them.

    Attributes:
        clipped: Whether gradients were clipped since the last ``backward()``.
        cycled: Whether a scheduler of torch moves momentum as well.
        replaced: Names of tensors and arrays around the step that are others later on.
    """

    def __init__(self) -> None:
        self.clipped = self.cycled = False
        self._gradients: Sums = {}
        self._weights: Sums = {}
        self._trained = self._looks = 0
        self._said: dict[str, None] = {}
        self.replaced: set[str] = set()
        self._moved: dict[str, tuple[float, float]] = {}

    def backward(self, parameters: Iterable[torch.Tensor]) -> None:
        """Called when gradients were computed and nothing has changed them."""
        self._gradients = _sums((p, p.grad) for p in parameters)
        self.clipped = False

    def stepping(self, optimizer: Any, first: list[Keywords], computed: bool) -> None:
        """Called before the optimizer steps.

        Args:
            optimizer: It.
            first: Its groups at its first step.
            computed: Whether its gradients are real.
        """
        parameters = _parameters(optimizer)
        if computed and not self.clipped and _differ(self._gradients, _sums((p, p.grad) for p in parameters)):
            self._say("the script changes gradients between backward() and the optimizer's step, which probes do not")
        self._gradients = {}
        self._compare_groups(first, settings_of(optimizer))
        trained = sum(p.numel() for p in parameters if p.requires_grad)
        if self._trained and trained != self._trained:
            self._say(f"{self._trained:,} weights are trained at first, {trained:,} later: probes train the first ones")
        self._trained = self._trained or trained

    def made_anew(self) -> None:
        """Called when another optimizer of the same class replaces the first."""
        self._say("the script makes its optimizer anew as it trains, which forgets its momentum: probes keep one")

    def stepped(self, optimizer: Any) -> None:
        """Called after the optimizer has stepped."""
        self._weights = _sums((p, p) for p in _parameters(optimizer))

    def next_turn(self, optimizer: Any) -> None:
        """Called when the next step begins."""
        if self._weights and _differ(self._weights, _sums((p, p) for p in _parameters(optimizer))):
            self._say("the script changes weights between two steps of its optimizer, which probes do not")
        self._weights = {}

    def _compare_groups(self, first: list[Keywords], groups: list[Keywords]) -> None:
        if len(groups) != len(first):
            self._say(f"the {len(first)} parameter groups become {len(groups)}: probes keep the first ones")
            return
        for key, value in groups[0].items():
            numbers = isinstance(value, (int, float, tuple)) and not (self.cycled and key in _CYCLED)
            if numbers and key not in _RATE and value != first[0].get(key, value):
                self._say(f"{key} of the optimizer moves from its first value {first[0][key]}, which probes keep")
        before, now = float(first[0]["lr"]), float(groups[0]["lr"])
        for old, new in zip(first[1:], groups[1:], strict=True):
            if before and now and abs(new["lr"] / now - old["lr"] / before) > _APART * abs(old["lr"] / before):
                self._say("the rates of the parameter groups move apart, and probes keep one ratio")

    def names(self, places: list[Place], frames: list[FrameType]) -> None:
        """Compares the names around a later ``backward()`` with those of the first one: numbers, and tensors."""
        self._looks += 1
        if self._looks > _MOST_LOOKS:
            return
        of = {frame.f_code: frame for frame in reversed(frames)}
        for place in places:
            frame = of.get(place.frame.f_code)
            if frame is None:
                continue
            now, first = frame.f_locals, _numbers(place.space)
            for name, value in _numbers(now).items():
                if value != first.get(name, value):
                    self._moved[name] = (first[name], value)
            for name, value in place.space.items():
                if isinstance(value, (torch.Tensor, np.ndarray)) and name not in self.replaced:
                    self.replaced |= {name} if _is_other(value, now.get(name, value)) else set()

    def sentences(self, body: Body, places: list[Place]) -> list[str]:
        """One note for each kind of step that was observed."""
        said = list(self._said)
        for name in sorted(self._moved.keys() & _read_for_loss(body)):
            first, last = self._moved[name]
            said.append(f"the loss reads {name}, which moves from {first:g} to {last:g}; in probes it stays {first:g}")
        for name in sorted(self.outside(body)):
            said.append(
                f"the loss reads {name}, which the script replaces as it trains; in probes it stays the first one"
            )
        return [*said, *_averages(places)]

    def outside(self, body: Body) -> set[str]:
        """Tensors that the loss depends on and that the script replaces, but not before ``backward()`` in the loop."""
        return self.replaced & _read_for_loss(body)

    def _say(self, sentence: str) -> None:
        self._said.setdefault(sentence)


def settings_of(optimizer: Any) -> list[Keywords]:
    """The groups of an optimizer without their parameters."""
    return [{key: value for key, value in group.items() if key != "params"} for group in optimizer.param_groups]


def _parameters(optimizer: Any) -> list[torch.Tensor]:
    return [] if optimizer is None else [p for group in optimizer.param_groups for p in group["params"]]


def _sums(pairs: Iterable[tuple[torch.Tensor, torch.Tensor | None]]) -> Sums:
    """Two sums of each tensor, which any change of it moves, by the identity of its parameter."""
    found: Sums = {}
    for parameter, tensor in pairs:
        if tensor is not None and not tensor.is_meta:
            plain = tensor.detach().coalesce().values() if tensor.is_sparse else tensor.detach()
            plain = torch.view_as_real(plain) if plain.is_complex() else plain
            total, size = plain.sum(dtype=torch.float64), torch.linalg.vector_norm(plain, 1, dtype=torch.float64)
            found[id(parameter)] = (float(total).hex(), float(size).hex())
    return found


def _differ(before: Sums, now: Sums) -> bool:
    return any(before[key] != now[key] for key in before.keys() & now.keys())


def _is_other(first: Any, now: Any) -> bool:
    """Whether a later value is not the same data; one that needs gradients is a state or a loss, no data."""
    if first is now or getattr(first, "requires_grad", False) or type(first) is not type(now):
        return False
    same = torch.equal if isinstance(first, torch.Tensor) else np.array_equal
    return not (first.dtype == now.dtype and first.shape == now.shape and same(first, now))


def _numbers(space: Namespace) -> dict[str, float]:
    found = {name: value for name, value in space.items() if type(value) in (int, float)}
    own = getattr(space.get("self"), "__dict__", {})
    return found | {f"self.{name}": value for name, value in own.items() if type(value) in (int, float)}


def _read_for_loss(body: Body) -> set[str]:
    """Names that the loss depends on, and that the loop body does not set itself before ``backward()``."""
    if body.node is None:
        return set()
    calls = [n for n in ast.walk(body.node) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "backward"]
    if not calls:
        return set()
    needed = _names(calls[0], ast.Load)
    for statement in reversed(_before(body.node.body, calls[0])):
        stored = _names(statement, ast.Store)
        if stored & needed:
            whole = isinstance(statement, ast.Assign)
            needed = (needed - stored if whole else needed) | _names(statement, ast.Load)
    own = [n for n in ast.walk(body.node) if isinstance(n, ast.expr) and n.lineno <= calls[0].lineno]
    return needed - {name for node in own for name in _names(node, ast.Store)}


def _before(statements: list[ast.stmt], call: ast.Call) -> list[ast.stmt]:
    """Statements up to the call, those of the blocks around it in their place."""
    found: list[ast.stmt] = []
    for statement in statements:
        if statement.lineno > call.lineno:
            break
        blocks = isinstance(statement, ast.With) or any(node is call for node in ast.walk(statement))
        inside = getattr(statement, "body", None)
        found += _before(inside, call) if blocks and inside else [statement]
    return found


def _names(node: ast.AST, kind: type[ast.expr_context]) -> set[str]:
    both = [n for n in ast.walk(node) if isinstance(n, (ast.Name, ast.Attribute)) and isinstance(n.ctx, kind)]
    return {n.id if isinstance(n, ast.Name) else ast.unparse(n) for n in both}


def _averages(places: list[Place]) -> list[str]:
    """Weight averages that the loops maintain, by the names of the functions they call."""
    for call in (n for place in places for loop in loops_around(place) for n in ast.walk(loop)):
        if isinstance(call, ast.Call):
            called = ast.unparse(call.func)
            if called.endswith(".update_parameters") or set(called.lower().replace(".", "_").split("_")) & {*_AVERAGES}:
                return [
                    f"line {call.lineno}, `{called}(...)`: the averaged weights that it keeps are no part of probes"
                ]
    return []
