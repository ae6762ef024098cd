"""Converts what was captured to the names of the contract, and checks it against the script's own first loss."""

import ast
from collections.abc import Callable

import torch
from torch import nn

from advisor.capture import refuse
from advisor.capture.captured import Captured
from advisor.capture.draws import Fresh
from advisor.capture.events import Backward
from advisor.capture.frameworks import names_of
from advisor.capture.length import Rounds, counts, of_one_training, rounds_around
from advisor.capture.loop import Body, loops_around
from advisor.capture.material import put_data
from advisor.capture.model import groups_of, kept_in_evaluation, trained
from advisor.capture.run import Watched
from advisor.capture.settings import accumulated, losses_of_a_batch, read
from advisor.capture.source import tree_of
from advisor.capture.step import Step
from advisor.capture.verify import checked, plain_loss
from advisor.capture.whole import find_whole
from advisor.records.spec import Keywords
from advisor.task.task import copied

_LISTED = 20


def deliver(watched: Watched) -> Captured:
    """Converts the recording to a task.

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
    put_data(found, watched, step, first, whole, settings.values, rounds)
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
    """Rescales the loss: the script sums the gradients of several batches, probes average them."""
    pieces = accumulated(backwards)
    if pieces == 1:
        return
    step.scale = float(pieces)
    if step.outputs:
        found.said.append(
            f"the gradients of {pieces} batches are added and not averaged: losses are shown times {pieces}, as they "
            "act on the weights"
        )


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
    line = 0 if seen.second or seen.ended else _another(found)
    if line:
        said.append(f"another loop with backward() stands in line {line}: the first training was taken")
    said.extend(notes)


def _another(found: Captured) -> int:
    """The line of a call of ``backward()`` in a loop below the captured one, in its file; 0 if there is none."""
    assert found.loop is not None
    tree = tree_of(found.loop[0])
    loops = [n for n in ast.walk(tree) if isinstance(n, (ast.For, ast.While))] if tree is not None else []
    later = [n for n in loops if n.lineno > found.loop[2]]
    called = [n for loop in later for n in ast.walk(loop) if isinstance(n, ast.Attribute) and n.attr == "backward"]
    return min((n.lineno for n in called), default=0)
