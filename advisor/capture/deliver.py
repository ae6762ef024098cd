"""What was captured, under the names of the contract, after a check against the script's own first loss."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from advisor.capture import refuse
from advisor.capture.draws import Fresh
from advisor.capture.events import Backward, Namespace
from advisor.capture.frameworks import names_of
from advisor.capture.heldout import validation_of_items
from advisor.capture.length import Rounds, counts, of_one_training, product, rounds_around
from advisor.capture.loop import Body, loops_around
from advisor.capture.model import groups_of, kept_in_evaluation, trained
from advisor.capture.run import Watched
from advisor.capture.settings import accumulated, losses_of_a_batch, read
from advisor.capture.step import Step
from advisor.capture.validation import validation_of
from advisor.capture.verify import checked, is_of_parts, plain_loss
from advisor.capture.whole import Whole, find_whole
from advisor.records.spec import Keywords
from advisor.task.data.batches import cut, tensors_in
from advisor.task.task import copied

_LISTED = 20


@dataclass(slots=True)
class Captured:
    """A script as a task.

    Attributes:
        values: By the contract's names.
        namespace: Names for the adapters of frameworks; empty where the script has its own loop.
        said: Sentences about what was found, for the screen.
        own_loss: First loss of the script; None where a framework computes it.
        our_loss: What the captured step gives for the same batch and weights.
        loop: File, first and last line of the loop body; None where there is none.
        device: Where the script trains.
    """

    values: Keywords = field(default_factory=dict)
    namespace: Namespace = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    own_loss: float | None = None
    our_loss: float | None = None
    loop: tuple[str, int, int] | None = None
    device: str | None = None


def deliver(watched: Watched) -> Captured:
    """Turns what was watched into a task.

    Raises:
        ContractError: If the script is out of scope, did not train, or if the captured step is not its own.
    """
    refuse.check(watched)
    if watched.handed is not None:
        found = Captured(namespace=names_of(watched.handed))
        found.said.append(f"{watched.source.path.name} hands its training to {watched.handed.name}: that is not run")
        if watched.handed.search:
            found.said.append(
                f"{watched.handed.search} trains it again and again, with other settings or on other parts of the "
                "data: what its first fit gets was taken"
            )
    else:
        found = _own_loop(watched)
    held = list(watched.sandbox.held)
    if held:
        more = f", and {len(held) - _LISTED} more" if len(held) > _LISTED else ""
        found.said.append(f"held back of what the script does: {'; '.join(held[:_LISTED])}{more}")
    if watched.error is not None:
        stop = f"{type(watched.error).__name__}: {watched.error}".splitlines()[0][:200]
        where = f" ({watched.where})" if watched.where else ""
        found.said.append(f"by itself the script stops after its first steps with {stop}{where}")
    if watched.on_cpu:
        found.said.append("the script names a GPU; there is none here, so it is run on the CPU")
    return found


def _own_loop(watched: Watched) -> Captured:
    seen, recorder = watched.seen, watched.recorder
    if seen.turn is None:  # No module was called before backward().
        raise refuse.not_modules(watched, "weights that belong to no nn.Module")
    try:
        parts = trained(seen)
    except LookupError as error:
        raise refuse.not_modules(watched, str(error)) from error
    model = parts[0] if len(parts) == 1 else nn.ModuleList(parts)
    first = copied(model)
    recorder.feeding.per_turn = losses_of_a_batch(seen.backwards)
    step, own, ours, exact = checked(watched, parts, first)
    body = step.body
    found = Captured(own_loss=own, our_loss=ours, loop=(body.place.file, *body.lines))
    rounds = _rounds(watched, body, parts)
    loaded = recorder.train is not None
    own_loop = loaded and not step.item and body.node is not None and not counts(body.node, body.space())
    around_parts = body.node is not None and loops_around(body.place)[:1] != [body.node]
    settings = read(seen, recorder.train, rounds, own_loop, recorder.hurry.shortened, around_parts)
    _accumulates(found, seen.backwards, step)
    values = found.values
    fresh = Fresh(first, watched.draws)
    values["model"] = fresh
    whole = None if loaded else find_whole(body, step, copied(first))
    _data(found, watched, step, first, whole, settings.values, rounds)
    values["settings"] = settings.values
    loss = plain_loss(watched, parts, first, own) if step.scale == 1.0 else None
    if loss is not None and whole is None and values.get("train_data") is recorder.train:
        values["loss"] = loss
        del values["training_step"]
        recorder.criteria.watching = False
    groups, kept = groups_of(seen, model)
    if groups is not None:
        values["param_groups"] = _by_name(groups)
    settings.notes += [*kept, *kept_in_evaluation(seen, parts), *recorder.uncarried.sentences(body, seen.places)]
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    found.device = device.type
    _say(found, watched, model, fresh, settings.notes, settings.schedule, exact)
    return found


def _rounds(watched: Watched, body: Body, parts: list[nn.Module]) -> list[Rounds]:
    """The loops around the step that belong to one training."""
    seen = watched.seen
    found = rounds_around(seen.places, body.place, body.node)
    whole = [m for m in seen.roots.values() if any(part is inner for part in parts for inner in m.modules())] or parts
    things = [*whole, *([] if seen.optimizer is None else [seen.optimizer])]
    return of_one_training(found, lambda frame, line: watched.recorder.rounds.makes(frame, line, *things))


def _accumulates(found: Captured, backwards: list[Backward], step: Step) -> None:
    """Gradients of several batches are added by the script, and averaged by probes: the loss makes up for it."""
    pieces = accumulated(backwards)
    if pieces == 1:
        return
    step.scale = float(pieces)
    if step.outputs:
        found.said.append(
            f"the gradients of {pieces} batches are added and not averaged: losses are shown times {pieces}, as they "
            "act on the weights"
        )


def _data(
    found: Captured,
    watched: Watched,
    step: Step,
    first: nn.Module,
    whole: Whole | None,
    settings: Keywords,
    rounds: list[Rounds],
) -> None:
    """Training and validation data, and the step on them."""
    values, loader = found.values, watched.recorder.train
    values["training_step"] = step
    if whole is not None:
        values["train_data"], values["val_data"] = whole.train, whole.val
        settings["batch_size"] = len(whole.train)
        settings["epochs"] = settings.pop("steps", settings.get("epochs", 100))
        kind = "the numbers in" if whole.indices else "the rows of"
        found.said.append(f"each step takes all of the data: examples are {kind} {', '.join(whole.names)}")
        if whole.val is not None:
            found.said.append(f"validation: {kind} {', '.join(whole.held)}")
        return
    if loader is None:
        single = bool(rounds) and rounds[0].count == 1
        again = product(rounds[1:]) if single or is_of_parts(watched, step.body) else 1
        if single and again == 1:
            raise refuse.one_step(watched)
        values["train_data"] = _opened(lambda: _repeated(step.body.items, again))
        val, sentence = validation_of(watched, step, first)
        if val is not None:
            values["val_data"] = AsTheyCome(val)
            found.said += ["the loop makes its batches itself: they are taken as they come", sentence]
            return
        held = validation_of_items(step, first)
        if held.batches is not None:
            values["val_data"] = held.batches
        found.said.append(held.said)
        return
    values["train_data"] = loader
    if watched.seen.other_data:
        first_size, later = watched.seen.other_data
        found.said.append(f"the script trains on {first_size} examples at first, on {later} later: the first are taken")
    for other in {id(other): other for other in watched.seen.beside if other is not loader}.values():
        name = next((f" {n}" for place in watched.seen.places for n, v in place.space.items() if v is other), "")
        found.said.append(
            f"each step also takes a batch of the loader{name}: it goes on through all of its data beside"
        )
    turn = watched.seen.turn
    assert turn is not None
    val, sentence = validation_of(watched, step, first)
    one_size = not _takes_less(step, first, turn.batch)
    if one_size:
        values["train_data"] = AsTheyCome(loader)
        settings.pop("batch_size", None)
        found.said.append("the step takes batches of this size only: they are taken as they come")
    if val is not None:
        values["val_data"] = AsTheyCome(val) if one_size else val
    found.said.append(sentence)


class AsTheyCome:
    """The batches of a loader as they come, and not put together anew.

    Args:
        loader: The loader.
    """

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __iter__(self) -> Iterator[Any]:
        return iter(self._loader)

    def __len__(self) -> int:
        return len(self._loader)


def _repeated(items: Callable[[], Any], times: int | None) -> Iterator[Any]:
    """The items again and again; without end where it is not known how often."""
    for _ in itertools.count() if times is None else range(times):
        yield from items()


def _opened(items: Callable[[], Any]) -> Callable[[], Iterator[Any]]:
    """A generator function, which the task takes as batches as they come."""

    def batches() -> Iterator[Any]:
        yield from items()

    return batches


def _takes_less(step: Step, first: nn.Module, batch: Any) -> bool:
    """Whether the step works on fewer examples, as probes on parts of the data need."""
    sizes = {len(t) if t.ndim else 0 for t in tensors_in(batch)}
    if len(sizes) != 1 or min(sizes) < 4:
        return True
    try:
        step.loss(copied(first), cut(batch, 0, min(sizes) // 2))
    except Exception:
        return False
    return True


def _by_name(groups: list[Keywords]) -> Callable[[nn.Module], list[Keywords]]:
    def param_groups(model: nn.Module) -> list[Keywords]:
        own = dict(model.named_parameters())
        return [{**group, "params": [own[name] for name in group["params"]]} for group in groups]

    return param_groups


def _say(
    found: Captured, watched: Watched, model: nn.Module, fresh: Fresh, notes: list[str], schedule: str, exact: bool
) -> None:
    seen, said = watched.seen, found.said
    count = sum(p.numel() for p in model.parameters())
    names = " and ".join(type(m).__name__ for m in ([model] if not isinstance(model, nn.ModuleList) else model))
    settings = found.values["settings"]
    shown = ", ".join(f"{key} {value}" for key, value in settings.items() if key not in ("schedule", "optimizer"))
    how = "" if exact else " (its batches are drawn at random: the same to within their spread)"
    said[:0] = [
        f"{watched.source.path.name} was run until it had made {min(len(seen.rates), 3) or 1} steps, and stopped",
        f"model: {names}, {count:,} weights",
        f"trains with {settings['optimizer']}, {shown}; {schedule}",
        f"first loss: {found.own_loss:.6g} in the script, {found.our_loss:.6g} here{how}",
    ]
    if fresh.kept and fresh.drawn:
        said.append(
            f"{fresh.kept:,} weights that the script loads or computes are kept; {fresh.drawn:,} are drawn anew"
        )
    elif fresh.kept:
        said.append(f"the {fresh.kept:,} weights are loaded or computed by the script: every probe starts from them")
    else:
        said.append("every probe starts from fresh weights of its own seed")
    if seen.second:
        said.append(f"a second training (with {seen.second}) follows in the script: the first one was taken")
    said.extend(notes)
