"""Verifies a captured step: its loss on the script's first batch and weights must match the script's."""

import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from advisor.capture import refuse
from advisor.capture.events import Backward, Turn
from advisor.capture.heldout import sees_the_same
from advisor.capture.length import rounds_around
from advisor.capture.loop import Body, bodies
from advisor.capture.run import Watched
from advisor.capture.settings import accumulated
from advisor.capture.step import Step
from advisor.runtime.randomness import seeded
from advisor.task.task import copied

_SIX_DIGITS = 2e-6
_TRIES = 16
_SPREAD = 5.0


def checked(watched: Watched, parts: list[nn.Module], first: nn.Module) -> tuple[Step, float, float, bool]:
    """The first candidate with the script's own loss for its first batch and weights.

    Returns:
        The step, the script's loss, the captured loss, and whether they are equal (else: of the same distribution).

    Raises:
        ContractError: If there is none.
    """
    watched.recorder.feeding.own_precision = True
    try:
        return _first_that_agrees(watched, parts, first)
    finally:
        watched.recorder.feeding.own_precision = False


def _first_that_agrees(watched: Watched, parts: list[nn.Module], first: nn.Module) -> tuple[Step, float, float, bool]:
    seen, recorder = watched.seen, watched.recorder
    turn = seen.turn
    assert turn is not None
    own = _first_loss(seen.backwards)
    loaded = recorder.train is not None
    nearest: float | None = None
    failure: Exception | None = None
    alike: tuple[Step, float] | None = None
    inner: Step | None = None
    for body in bodies(seen.places, seen.others, _batch_given(watched, turn), loaded):
        item = not loaded and body.function is None
        if item and body.node is not None:
            body = replace(body, started=recorder.rounds.of(body.place.frame, body.node.lineno))
        step = Step(body, recorder, parts, item, watched.on_cpu, watched.sandbox)
        for given in [turn.batch] if turn.ahead is None or item else [turn.batch, turn.ahead]:
            try:
                batch = body.first_item() if item else given
                ours, outputs = _loss(step, first, batch, turn)
            except Exception as error:
                failure = failure or error
                continue
            if same_loss(own, ours):
                step.outputs = outputs
                if not (item and recorder.uncarried.outside(body)):
                    return step, own, ours, True
                if not (is_of_parts(watched, body) or sees_the_same(step, first)):
                    return step, own, ours, True
                inner = inner or step  # The loop around it creates the data of a step.
                continue
            nearest = ours if nearest is None or abs(ours - own) < abs(nearest - own) else nearest
            if alike is None and _of_one_kind(step, first, batch, own):
                step.outputs = outputs
                alike = step, ours
    if alike is not None:
        return alike[0], own, alike[1], False
    if inner is not None:
        raise refuse.outside(watched, sorted(recorder.uncarried.outside(inner.body)))
    raise refuse.another_loss(watched, own, nearest, failure)


def is_of_parts(watched: Watched, body: Body) -> bool:
    """Whether the loop iterates over the parts of one step, whose gradients are summed."""
    parts, places = accumulated(watched.seen.backwards), watched.seen.places
    rounds = rounds_around(places, body.place, body.node) if body.place in places else []
    return parts > 1 and bool(rounds) and rounds[0].count == parts


def plain_loss(watched: Watched, parts: list[nn.Module], first: nn.Module, own: float) -> Any:
    """``loss(outputs, targets)`` if a step is just ``loss(model(inputs), targets)``; else None."""
    seen = watched.seen
    turn = seen.turn
    calls = [call for call in seen.calls if next(call.module.parameters(), None) is not None]
    if (
        turn is None
        or not seen.plain
        or len(calls) != 1
        or len(parts) != 1
        or calls[0].module is not parts[0]
        or not seen.criteria
    ):
        return None
    batch, call, criterion = turn.batch, calls[0], seen.criteria[-1]
    pair = isinstance(batch, (tuple, list)) and len(batch) == 2 and all(isinstance(t, torch.Tensor) for t in batch)
    if not pair or len(call.args) != 1 or call.kwargs:
        return None
    if not (equal(call.args[0], batch[0]) and equal(criterion.targets, batch[1])):
        return None
    loss = criterion.function()
    before = (torch.get_rng_state(), np.random.get_state(), random.getstate())
    _set_random(turn.random)
    try:
        with torch.no_grad():
            value = float(loss(copied(first).train(call.training)(batch[0]), batch[1]))
    except Exception:
        return None
    finally:
        _set_random(before)
    return loss if same_loss(own, value) else None


def _first_loss(backwards: list[Backward]) -> float:
    first = [b for b in backwards if b.step == 0 and b.turn == backwards[0].turn]
    by_line: dict[tuple[str, int], float] = {}
    for call in first:
        by_line.setdefault(call.where, call.loss)
    return sum(by_line.values())


def _batch_given(watched: Watched, turn: Turn) -> Any:
    """The batch object that functions got: by identity, so not the stored copy."""
    for place in (*watched.seen.places, *watched.seen.others):
        for value in place.frame.f_locals.values():
            if type(value) is type(turn.batch) and value is not None and equal(value, turn.batch):
                return value
    return turn.batch


def equal(a: Any, b: Any) -> bool:
    """Whether two batches, or parts of them, are equal."""
    try:
        if isinstance(a, torch.Tensor):
            return a.shape == b.shape and bool(torch.equal(a, b))
        if isinstance(a, dict):
            return list(a) == list(b) and all(equal(a[key], b[key]) for key in a)
        if isinstance(a, (list, tuple)):
            return bool(a) and len(a) == len(b) and all(map(equal, a, b))
        return bool(a == b)
    except Exception:
        return False


def _loss(step: Step, first: nn.Module, batch: Any, turn: Turn) -> tuple[float, bool]:
    """Loss of the first batch under its random state, and whether the last criterion gives it."""
    model = copied(first)
    before = (torch.get_rng_state(), np.random.get_state(), random.getstate())
    _set_random(turn.random if step.body.started is None else step.body.started.random)
    try:
        with torch.enable_grad():
            loss = step.loss(model, batch)
    finally:
        _set_random(before)
    calls = step.recorder.criteria.calls
    last = calls[-1].value if calls else None
    outputs = last is not None and last.ndim == 0 and same_loss(float(last.detach()), float(loss.detach()))
    return float(loss.detach()), outputs


def _set_random(state: Any) -> None:
    if state is not None:
        torch.set_rng_state(state[0])
        np.random.set_state(state[1])
        random.setstate(state[2])


def same_loss(own: float, ours: float) -> bool:
    """Whether two losses agree to six digits."""
    return math.isclose(own, ours, rel_tol=_SIX_DIGITS, abs_tol=1e-7) or (math.isnan(own) and math.isnan(ours))


def _of_one_kind(step: Step, first: nn.Module, batch: Any, own: float) -> bool:
    """For steps with random draws: whether the script's loss is within the range of the captured ones."""
    losses = []
    for seed in range(_TRIES):
        try:
            with seeded(seed):
                losses.append(float(step.loss(copied(first), batch).detach()))
        except Exception:
            return False
    spread = float(np.std(losses))
    return spread > 1e-6 * abs(own) and abs(own - float(np.mean(losses))) <= _SPREAD * spread
