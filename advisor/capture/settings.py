"""The script's settings in the keywords of the contract's ``settings``."""

from collections import Counter
from typing import Any

import torch

from advisor.capture.events import Backward, Seen
from advisor.capture.found import Read, batches_of
from advisor.capture.length import Rounds, product
from advisor.capture.schedule import read_schedule

_KEPT = ("momentum", "betas", "weight_decay", "nesterov")


def read(
    seen: Seen, loader: Any, rounds: list[Rounds], own_loop: bool, shortened: bool, around_parts: bool = False
) -> Read:
    """Derives the settings from the recording.

    Args:
        seen: What was noted.
        loader: Loader of the training batches, or None.
        rounds: The loops around the step, from its own outwards.
        own_loop: Whether the innermost of them goes through the loader.
        shortened: Whether passes were cut short while the script hurried to its end.
        around_parts: Whether the innermost of them goes around another one, of the parts of a step.
    """
    found = Read()
    values = found.values
    parts = accumulated(seen.backwards)
    if parts > 1:
        values["accumulation_steps"] = parts
    _length(found, seen, loader, rounds, own_loop, shortened, parts, around_parts)
    _optimizer(found, seen)
    size = _batch_size(loader)
    if size:
        values["batch_size"] = size
    if seen.clip:
        values["clip_grad_norm"] = seen.clip
    if seen.clip_value:
        found.notes.append(f"gradients are clipped by value to {seen.clip_value:g}, which probes leave out")
    if seen.amp:
        values["amp"] = True
    read_schedule(found, seen, loader, parts, shortened)
    return found


def accumulated(backwards: list[Backward]) -> int:
    """Number of batches accumulated per optimizer step: how often the same line calls ``backward()`` in it."""
    for step in (1, 0):
        lines = Counter(b.where for b in backwards if b.step == step)
        if lines:
            return max(lines.values())
    return 1


def losses_of_a_batch(backwards: list[Backward]) -> int:
    """Different lines that call ``backward()`` on one batch."""
    first = [b for b in backwards if b.step == 0 and b.turn == backwards[0].turn]
    return max(1, len({b.where for b in first}))


def _batch_size(loader: Any) -> int | None:
    size = getattr(loader, "batch_size", None)
    if size is None:
        size = getattr(getattr(loader, "batch_sampler", None), "batch_size", None)
    return int(size) if isinstance(size, int) else None


def _optimizer(found: Read, seen: Seen) -> None:
    values = found.values
    if seen.optimizer is None:
        values |= {"optimizer": "SGD", "lr": float(f"{seen.by_hand or 0:.6g}")}
        found.notes.append(f"weights are moved by hand, by {values['lr']:g} times their gradient: read as SGD")
        return
    group = seen.groups[0]
    kind = type(seen.optimizer)
    name = kind.__name__
    known = getattr(torch.optim, name, None)
    if known is None or not (kind is known or issubclass(kind, torch.optim.Optimizer)):
        near = next((base.__name__ for base in kind.__mro__ if getattr(torch.optim, base.__name__, None) is base
                     and base is not torch.optim.Optimizer), None)  # fmt: skip
        near = near or ("SGD" if "momentum" in group and "betas" not in group else "AdamW")
        found.notes.append(f"{name} is no optimizer of torch.optim: probes use {near}")
        name = near
    values["optimizer"] = name
    values["lr"] = float(group["initial_lr"] if "initial_lr" in group else group["lr"])
    for key in _KEPT:
        if group.get(key):
            value = group[key]
            values[key] = [float(v) for v in value] if isinstance(value, tuple) else value
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                values[key] = float(value)


def _length(
    found: Read,
    seen: Seen,
    loader: Any,
    rounds: list[Rounds],
    own_loop: bool,
    shortened: bool,
    parts: int,
    around_parts: bool,
) -> None:
    """Epochs (or steps) from the loops around the step, else from what was seen of a script that ran to its end."""
    values = found.values
    passes = len({rate.passing for rate in seen.rates})
    counted = next((r.count for r in rounds[1:] if r.inner and r.count is not None), None)
    if own_loop and counted is not None:
        values["steps"] = max(1, counted // parts)
        return
    if own_loop:
        outer = product(rounds[1:])
        batches = batches_of(loader)
        steps = None if batches is None else batches // parts
        if outer is not None:
            values["epochs"] = max(1, outer, passes if seen.ended else 1)
        elif seen.ended:
            values["epochs"] = max(1, passes)
        if seen.ended and not shortened and steps:
            _cut_off(found, seen, steps, outer)
        return
    if parts > 1 and around_parts:
        pieces = 1
    elif parts > 1 and len(rounds) > 1 and rounds[0].count in (parts, None):
        rounds, pieces = rounds[1:], 1
    else:
        pieces = parts
    outer = product(rounds[1:])
    if rounds and rounds[0].count is not None:
        seen_to_its_end = len(seen.rates) if seen.ended and not shortened else 1
        values["steps"] = max(1, rounds[0].count * (outer or 1) // pieces, seen_to_its_end)
    elif seen.ended and not shortened:
        values["steps"] = max(1, len(seen.rates))
    elif loader is None and outer is not None and len(rounds) > 1:
        values["epochs"] = max(1, outer)


def _cut_off(found: Read, seen: Seen, steps: int, outer: int | None) -> None:
    """Passes that a script ends early give its steps; a run that ends early after whole passes does so by itself."""
    values, made = found.values, len(seen.rates)
    of = Counter(rate.passing for rate in seen.rates)
    usual, last = max(of.values(), default=steps), next(reversed(of.values()), steps)
    if usual < steps - 1 and outer is not None:
        values.pop("epochs", None)
        values["steps"] = usual * max(outer, len(of))
    elif (outer is None or len(of) < outer) and last < usual - 1:
        values.pop("epochs", None)
        values["steps"] = made
    elif outer is not None and len(of) < outer:
        found.notes.append(
            f"the script may stop before its {outer} epochs, by what it sees: they are taken as its length"
        )
