"""The data of a captured training: its loader, batches as a loop makes them, or examples that a step takes all of."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from torch import nn

from advisor.capture import refuse
from advisor.capture.captured import Captured
from advisor.capture.heldout import validation_of_items
from advisor.capture.length import Rounds, product
from advisor.capture.run import Watched
from advisor.capture.step import Step
from advisor.capture.validation import validation_of
from advisor.capture.verify import is_of_parts
from advisor.capture.whole import Whole
from advisor.records.spec import Keywords
from advisor.task.data.batches import cut, tensors_in
from advisor.task.task import copied


def put_data(
    found: Captured,
    watched: Watched,
    step: Step,
    first: nn.Module,
    whole: Whole | None,
    settings: Keywords,
    rounds: list[Rounds],
) -> None:
    """Puts training and validation data, and the step on them, among what was captured.

    Args:
        found: Receives them, and sentences about them.
        watched: What came of the run.
        step: The captured step.
        first: The model as it was before its first step.
        whole: Examples that a step takes all of, or None.
        settings: Receives lengths that follow.
        rounds: The loops around the step that belong to one training.
    """
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
