"""How the rate moves while a script trains: by the schedulers of torch that it made, else by the rates that it used."""

import linecache
import re
from collections import Counter
from typing import Any

from advisor.capture.events import Seen
from advisor.capture.found import Read, batches_of
from advisor.capture.rates import fit, peak
from advisor.records.spec import Keywords
from advisor.task.adapters.schedulers import keywords_of

_BY_HAND = re.compile(r"param_groups.*\blr\b|adjust_l|set_l(?:r|earning)|warm_?up", re.I)
_ENOUGH = 0.5
"""Share of the run that its rates must be seen of."""
_FOLLOWS = ("ReduceLROnPlateau",)


def read_schedule(found: Read, seen: Seen, loader: Any, parts: int, shortened: bool) -> None:
    """Writes the rates that were used as a schedule, or says that they cannot be written.

    Args:
        found: Receives it.
        seen: What was noted.
        loader: Loader of the training batches, or None.
        parts: Batches whose gradients are added for one step.
        shortened: Whether passes were cut short while the script hurried to its end.
    """
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
    steps = (batches_of(loader) or 1) // parts
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
    full = max(1, (batches_of(loader) or len(seen.rates) * parts) // parts)
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
    unseen = len(rates) < _ENOUGH * total
    if unseen or shape is None:
        why = (
            f"in the {len(rates)} of {total} {interval}s that were seen, which do not tell how it goes on:"
            if unseen
            else "in a way that no scheduler of torch makes alone: not converted,"
        )
        found.notes.append(
            f"the rate moves from {rates[0]:g} to {rates[-1]:g} {why} the current settings are run at a constant rate"
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
