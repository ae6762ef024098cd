"""What the script trains with, in the keywords of the contract's ``settings``."""

import linecache
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from advisor.capture.events import Backward, Seen
from advisor.capture.length import Rounds, product
from advisor.capture.rates import fit, peak
from advisor.records.spec import Keywords
from advisor.task.adapters.schedulers import keywords_of

_KEPT = ("momentum", "betas", "weight_decay", "nesterov")
_BY_HAND = re.compile(r"param_groups.*\blr\b|adjust_l|set_l(?:r|earning)|warm_?up", re.I)
_ENOUGH = 0.5
"""Share of the run that its rates must be seen of."""
_FOLLOWS = ("ReduceLROnPlateau",)


@dataclass(slots=True)
class Read:
    """Settings, and what is to be said about them.

    Attributes:
        values: For ``settings``.
        notes: Sentences.
        schedule: The schedule in a few words.
    """

    values: Keywords = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    schedule: str = "constant rate"


def read(
    seen: Seen, loader: Any, rounds: list[Rounds], own_loop: bool, shortened: bool, around_parts: bool = False
) -> Read:
    """Reads them from what was noted.

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
    _schedule(found, seen, loader, parts, shortened)
    return found


def accumulated(backwards: list[Backward]) -> int:
    """Batches whose gradients are added for one optimizer step: how often the same line calls ``backward()`` in it."""
    for step in (1, 0):
        lines = Counter(b.where for b in backwards if b.step == step)
        if lines:
            return max(lines.values())
    return 1


def losses_of_a_batch(backwards: list[Backward]) -> int:
    """Different lines that call ``backward()`` on one batch."""
    first = [b for b in backwards if b.step == 0 and b.turn == backwards[0].turn]
    return max(1, len({b.where for b in first}))


def _batches(loader: Any) -> int | None:
    """Batches of one pass; None where that is not known before, as of iterable data."""
    try:
        return len(loader)
    except TypeError:
        return None


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
    import torch

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
        batches = _batches(loader)
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


def _schedule(found: Read, seen: Seen, loader: Any, parts: int, shortened: bool) -> None:
    values = found.values
    driving = [s for s in seen.schedulers if seen.optimizer is None or _drives(s, seen.optimizer)]
    stepped = bool(seen.scheduled)
    per_step = {1, 2} <= set(seen.scheduled) or len({r.lr for r in seen.rates[:3]}) > 1
    if seen.scheduled_to is not None and seen.scheduled_to < _ENOUGH * len(seen.rates):
        per_step = False  # Stepped to numbers of epochs, also at each step.
    rates = [rate.lr for rate in seen.rates]
    follower = next((s for s in driving if type(s).__name__ in _FOLLOWS), None)
    if follower is not None:
        found.notes.append(
            f"{type(follower).__name__} follows what it sees and cannot be written as settings: the rate is taken as "
            "constant"
        )
        others = sorted({type(s).__name__ for s in driving if s is not follower})
        if others:
            found.notes.append(f"{' and '.join(others)} beside it is left out, too")
        found.schedule = f"{type(follower).__name__}, not converted"
        return
    if len(driving) == 1 and stepped:
        keywords = keywords_of(driving[0])
        if keywords is not None:
            values["schedule"] = {**keywords, "interval": "step" if per_step else "epoch"}
            found.schedule = f"{keywords['name']}, once {'a step' if per_step else 'an epoch'}"
            if keywords["name"] == "OneCycleLR":
                _one_cycle(values, driving[0])
                made_for, units = int(driving[0].total_steps), _units(values, seen, loader, parts, per_step)
                if units and abs(made_for - units) > max(1, 0.02 * units):
                    found.notes.append(
                        f"OneCycleLR is made for {made_for} steps, the run makes {units}: probes fit it to the run"
                    )
            return
        simulated = _simulated(driving[0], _units(values, seen, loader, parts, per_step))
        if simulated is not None:
            _put(found, simulated, len(simulated), "step" if per_step else "epoch", values)
            return
    if len(set(rates)) <= 1:
        if driving and not stepped and seen.ended:
            found.notes.append(f"{type(driving[-1]).__name__} is made and was never stepped: the rate is constant")
        elif driving and not stepped:
            _later(found, seen, driving[-1])
        elif not driving and not seen.ended and _moves_in_text(seen):
            found.notes.append(
                f"the rate was constant for the {len(rates)} steps that were seen; the script's text may move it later"
            )
        return
    per_epoch = _by_pass(seen)
    if per_epoch is not None and not per_step:
        total = int(values.get("epochs", len(per_epoch)))
        _put(found, per_epoch, total, "epoch", values)
        return
    exact = rates if not shortened else rates[: _exact(seen, loader, parts)]
    total = _units(values, seen, loader, parts, True) or len(exact)
    _put(found, exact, total, "step", values)


def _later(found: Read, seen: Seen, scheduler: Any) -> None:
    """A scheduler that had not stepped yet: once an epoch, if the text steps it and it can be written."""
    name, keywords = type(scheduler).__name__, keywords_of(scheduler)
    told = f"{name} had not stepped in the {len(seen.rates)} steps that were seen"
    if keywords is None or not _stepped_in_text(seen, scheduler):
        found.notes.append(f"{told}: not converted, the current settings are run at a constant rate")
        found.schedule = f"{name}, not converted"
        return
    found.values["schedule"] = {**keywords, "interval": "epoch"}
    found.notes.append(f"{told}: taken to step once an epoch")
    found.schedule = f"{name}, once an epoch"


def _stepped_in_text(seen: Seen, scheduler: Any) -> bool:
    """Whether a file around the step calls ``step()`` of the name that the scheduler has there."""
    for place in seen.places:
        spaces = (place.frame.f_globals, place.space, getattr(place.space.get("self"), "__dict__", {}))
        names = {name for space in spaces for name, value in space.items() if value is scheduler}
        text = "".join(linecache.getlines(place.file))
        if any(re.search(rf"\b{re.escape(name)}\.step\(", text) for name in names):
            return True
    return False


def _drives(scheduler: Any, optimizer: Any) -> bool:
    """Whether it moves the rates of this optimizer, also through the wrapper of a framework."""
    own = getattr(scheduler, "optimizer", None)
    return own is optimizer or getattr(own, "param_groups", None) is optimizer.param_groups


def _moves_in_text(seen: Seen) -> bool:
    """Whether a file around the step has a line that sets rates by hand."""
    return any(_BY_HAND.search("".join(linecache.getlines(file))) for file in {place.file for place in seen.places})


def _one_cycle(values: Keywords, scheduler: Any) -> None:
    values["lr"] = float(scheduler.optimizer.param_groups[0]["max_lr"])
    values["schedule"] = {**values["schedule"], "cycle_momentum": bool(getattr(scheduler, "cycle_momentum", False))}


def _units(values: Keywords, seen: Seen, loader: Any, parts: int, per_step: bool) -> int:
    """Steps (or epochs) of the whole training, as far as they are known; else 0."""
    if "steps" in values:
        return int(values["steps"])
    if not per_step:
        return int(values.get("epochs", 0))
    steps = (_batches(loader) or 1) // parts
    return int(values.get("epochs", 0)) * max(1, steps)


def _simulated(scheduler: Any, units: int) -> list[float] | None:
    """Rates of a LambdaLR over its whole length, from its own function."""
    if type(scheduler).__name__ != "LambdaLR" or not 1 < units <= 2_000_000:
        return None
    every = max(1, units // 20_000)
    if every > 1:
        return None
    try:
        base = float(scheduler.base_lrs[0])
        return [base * float(scheduler.lr_lambdas[0](unit)) for unit in range(units)]
    except Exception:
        return None


def _by_pass(seen: Seen) -> list[float] | None:
    """The rate of each pass over the data; None if it moves inside one."""
    of: dict[int, set[float]] = {}
    for rate in seen.rates:
        of.setdefault(rate.passing, set()).add(rate.lr)
    if any(len(found) > 1 for found in of.values()):
        return None
    return [next(iter(found)) for found in of.values()]


def _exact(seen: Seen, loader: Any, parts: int) -> int:
    """Steps before the passes were cut short."""
    full = max(1, (_batches(loader) or len(seen.rates) * parts) // parts)
    of = Counter(rate.passing for rate in seen.rates)
    count = 0
    for passing in of:
        if of[passing] < full:
            return max(count, min(len(seen.rates), count + of[passing]))
        count += of[passing]
    return count


def _put(found: Read, rates: list[float], total: int, interval: str, values: Keywords) -> None:
    """Writes the shape of the rates, or says that it cannot be written."""
    shape = fit(rates, max(total, len(rates)))
    if shape == {}:
        return
    if len(rates) < _ENOUGH * total:
        found.notes.append(
            f"the rate moves from {rates[0]:g} to {rates[-1]:g} in the {len(rates)} of {total} {interval}s that were "
            "seen, which do not tell how it goes on: the current settings are run at a constant rate"
        )
        found.schedule = "moves, not converted"
        values["lr"] = peak(rates)
        return
    if shape is None:
        found.notes.append(
            f"the rate moves from {rates[0]:g} to {rates[-1]:g} in a way that no scheduler of torch makes alone: not "
            "converted, the current settings are run at a constant rate"
        )
        found.schedule = "moves, not converted"
        values["lr"] = peak(rates)
        return
    values["lr"] = float(f"{peak(rates):.6g}")
    values["schedule"] = (
        shape if shape["name"] == "OneCycleLR" and interval == "step" else {**shape, "interval": interval}
    )
    found.schedule = (
        f"{shape['name']}, fitted to the rates that were used, once {'a step' if interval == 'step' else 'an epoch'}"
    )
