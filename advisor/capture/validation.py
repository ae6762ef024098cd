"""The data that the script evaluates on."""

import re
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader

from advisor.capture.batches import apart
from advisor.capture.run import Watched
from advisor.capture.step import Step
from advisor.capture.verify import equal
from advisor.task.task import copied

_VAL = re.compile(r"(?:^|_)(?:val(?!ue)|eval|dev(?![a-z]))")
_TRAIN = re.compile(r"(?:^|_)train")
_TEST = re.compile(r"(?:^|_)test")
_UNNAMED = 2
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def validation_of(watched: Watched, step: Step, first: nn.Module) -> tuple[Any, str]:
    """The loader that the model is evaluated on, if the step accepts its batches.

    Returns:
        The loader or None, and one sentence.
    """
    named = _named(watched)
    order = [*(v for v in watched.seen.evaluated), *(loader for _, loader in named)]
    own = watched.recorder.train
    seen: list[Any] = []
    for loader in order:
        if loader is own or _holds_the_same(loader, own) or any(loader is other for other in seen):
            continue
        seen.append(loader)
    seen.sort(key=lambda loader: _rank(loader, named))
    if not seen:
        return None, "no validation data in a loader of the script"
    for loader in seen:
        if _fits(step, first, loader):
            name = next((n for n, value in named if value is loader), "")
            test = " (its test data)" if name and _rank(loader, named) == 1 else ""
            used = any(loader is other for other in watched.seen.evaluated)
            where = "that the script evaluates on" if used else "of the script"
            return loader, f"validation: the loader {name + ' ' if name else ''}{where}{test}"
    return None, "the script's validation batches do not fit its training step"


def _holds_the_same(loader: Any, own: Any) -> bool:
    """Whether a loader gives the training examples again, also as a data set that was made anew from the same files."""
    other, mine = getattr(loader, "dataset", None), getattr(own, "dataset", None)
    if other is mine and own is not None:
        return not apart(loader, own)
    for name in ("data", "tensors", "samples", "targets"):
        a, b = getattr(other, name, None), getattr(mine, name, None)
        if a is not None and type(a) is type(b) and equal(a, b):
            return True
    return False


def _named(watched: Watched) -> list[tuple[str, Any]]:
    """Loaders among the names of the frames, those for validation before those for tests."""
    found: list[tuple[str, Any]] = []
    spaces = [watched.space, *(place.space for place in watched.seen.places)]
    for space in spaces:
        for name, value in list(space.items()):
            found += [(name, value)] if isinstance(value, DataLoader) else _inside(name, value)
    ranked = [(name, value) for name, value in found if rank_of(name) < _UNNAMED]
    return sorted(ranked, key=lambda item: rank_of(item[0]))


def rank_of(name: str) -> int:
    """0 for a name that contains validation, 1 for test, 2 for others."""
    words = _CAMEL.sub("_", name).lower()
    if _TRAIN.search(words) and not _VAL.match(words):
        return _UNNAMED
    return 0 if _VAL.search(words) else 1 if _TEST.search(words) else _UNNAMED


def _inside(name: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(str(key), item) for key, item in value.items() if isinstance(item, DataLoader)]
    own = getattr(value, "__dict__", None)
    if name == "self" and isinstance(own, dict):
        return [(key, item) for key, item in own.items() if isinstance(item, DataLoader)]
    return []


def _rank(loader: Any, named: list[tuple[str, Any]]) -> int:
    """Rank of the best of its names."""
    return min((rank_of(name) for name, value in named if value is loader), default=_UNNAMED)


def _fits(step: Step, first: nn.Module, loader: Any) -> bool:
    model = copied(first).eval()
    try:
        batch = next(iter(loader))
        with torch.no_grad():
            loss = step.loss(model, batch)
    except Exception:
        return False
    return loss.numel() == 1
