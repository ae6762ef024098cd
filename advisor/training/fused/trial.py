"""Compares a few separate steps with a few joint ones: do the losses agree, and which is faster?"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal

import torch

from advisor.records.spec import ProbeSpec
from advisor.training.fused.lockstep import Lockstep
from advisor.training.fused.stack import CannotStack
from advisor.training.fused.stacked import Stacked
from advisor.training.trainer import Training

if TYPE_CHECKING:
    from advisor.task.task import Task

Way = Literal["stacked", "lockstep", "single"]
Group = Stacked | Lockstep
TRIED = 5
"""Steps of a trial; the first is a warm-up."""
_COMPARED = 2
_FASTER = 0.9
_HOPELESS = 1.5
_LOADING, _LOADING_SECONDS = 0.1, 5e-4
"""Minimum share of a step's time, and seconds, spent on loading for which sharing batches is worthwhile."""
_SAME = (1e-4, 1e-2)
"""Relative differences of the first and second loss that rounding explains; a large rate amplifies them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a trial.

    Attributes:
        way: How such arms are trained.
        why: The reason, in a few words.
        arms: Number of arms; 0 if it does not matter.
        changing: Names of the buffers that training changes.
    """

    way: Way
    why: str
    arms: int = 0
    changing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Alone:
    """First steps of one separate training: losses, seconds of a step without loading, seconds of loading."""

    losses: tuple[float, ...]
    step_seconds: float
    load_seconds: float
    changing: tuple[str, ...]


def begin(task: "Task", specs: Sequence[ProbeSpec], verdict: Verdict) -> Group:
    """The arms as a group, untrained."""
    arms = [Training(task, spec) for spec in specs]
    return Lockstep(task, arms) if verdict.way == "lockstep" else Stacked(task, arms, verdict.changing)


def trial(task: "Task", specs: Sequence[ProbeSpec]) -> tuple[Verdict, Group | None]:
    """Measures what these arms gain from being trained together.

    Returns:
        The verdict, and the group if its trial steps can be continued.
    """
    first = _alone(task, specs[0], TRIED)
    last = _alone(task, specs[-1], _COMPARED)
    verdict, group = _stacked(task, specs, first, last)
    if group is None and first.load_seconds > max(_LOADING_SECONDS, _LOADING * first.step_seconds):
        return Verdict("lockstep", f"loading a batch takes long; {verdict.why}"), None
    return verdict, group


def _stacked(task: "Task", specs: Sequence[ProbeSpec], first: _Alone, last: _Alone) -> tuple[Verdict, Group | None]:
    arms, seconds, clock = len(specs), math.inf, _clock(task)
    price = arms * first.step_seconds
    try:
        group = begin(task, specs, Verdict("stacked", "", changing=first.changing))
        for step in range(1, TRIED + 1):
            started = clock()
            losses = group.step(step).tolist()
            took = clock() - started
            seconds = min(seconds, took if step > 1 else math.inf)
            if step <= _COMPARED:
                _compare(step, (losses[0], losses[-1]), (first.losses[step - 1], last.losses[step - 1]))
            if step == _COMPARED and took > _HOPELESS * price:
                break
    except (CannotStack, RuntimeError, ValueError, TypeError, NotImplementedError, AttributeError) as error:
        return Verdict("single", (str(error).splitlines() or [type(error).__name__])[0]), None
    if seconds > _FASTER * price:
        return Verdict("single", f"{seconds / price:.2f} of the time alone", arms), None
    return Verdict("stacked", f"{seconds / price:.2f} of the time alone", arms, first.changing), group


def _compare(step: int, together: Sequence[float], alone: Sequence[float]) -> None:
    for ours, plain in zip(together, alone, strict=True):
        if math.isfinite(plain) and not math.isclose(ours, plain, rel_tol=_SAME[step - 1], abs_tol=1e-7):
            raise CannotStack(f"loss {ours:.6g} in step {step} where the plain loop has {plain:.6g}")


def _alone(task: "Task", spec: ProbeSpec, steps: int) -> _Alone:
    training = Training(task, spec)
    before = {name: buffer.clone() for name, buffer in training.model.named_buffers()}
    losses, loads, trains, clock = [], [], [], _clock(task)
    for step in range(1, steps + 1):
        began = time.perf_counter()
        batch = next(training.batches)
        loads.append(time.perf_counter() - began)
        started = clock()
        losses.append(float(training.step(step, batch)))
        trains.append(clock() - started)
    after = dict(training.model.named_buffers())
    changing = tuple(name for name, buffer in before.items() if not torch.equal(buffer, after[name]))
    return _Alone(tuple(losses), min(trains[1:]), median(loads[1:]), changing)


def _clock(task: "Task") -> Callable[[], float]:
    """On a CPU the process's own CPU time, which does not depend on other load of the machine."""
    return time.process_time if task.device.type == "cpu" else time.perf_counter
