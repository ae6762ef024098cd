"""Validation for loops that create their own batches, such as ``get_batch("train")``: the same call with ``"val"``."""

import ast
import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from advisor.capture.loop import Body, compiled
from advisor.capture.source import tree_of
from advisor.capture.step import Held, Step
from advisor.runtime.randomness import seeded
from advisor.task.task import copied

_TRAIN = ("train", "training")
_HELD = ("val", "valid", "validation", "dev", "test")
_BATCHES = 20


@dataclass(frozen=True, slots=True)
class Validation:
    """How well the loop's own batches serve as validation data.

    Attributes:
        batches: Held-out batches, or None.
        said: One sentence.
    """

    batches: Callable[[], Iterator[Held]] | None
    said: str


def validation_of_items(step: Step, first: nn.Module) -> Validation:
    """Looks for held-out data; where there are none, judges a part of the loop's own batches.

    Args:
        step: Runs the loop body; is told of the variant that takes held-out data, and whether a batch is drawn one
            step ahead.
        first: The model as it was before its first step.
    """
    said = "the loop makes its batches itself: they are taken as they come"
    model = copied(first).eval()
    losses = _losses(step, model)
    if len(set(losses)) == 1:
        step.ahead = True
        losses = _losses(step, model)
        step.ahead = len(set(losses)) > 1
    if not losses:
        return Validation(None, said)
    item = next(iter(step.body.items()))
    word = _with_held_out(step, lambda held: _loss(step, model, held, 0), item, losses[0])
    if word:

        def batches() -> Iterator[Held]:
            yield from map(Held, itertools.islice(itertools.cycle(step.body.items()), _BATCHES))

        return Validation(
            batches,
            f"{said}; validation: the same with '{word}' where the loop says 'train'",
        )
    if losses[0] != losses[1] or losses[0] != losses[3]:
        anew = (
            "; every pass draws them anew, so that validation here is on examples that are trained on as well, and "
            "whether it overfits cannot be told"
        )
        drawn = (
            "; the loss of one round differs from draw to draw: if its data are drawn there, validation is on further "
            "draws of the training data"
        )
        return Validation(None, said + (anew if _drawn_anew(step, model) else drawn if losses[0] != losses[2] else ""))
    if losses[0] == losses[2]:
        return Validation(
            None,
            f"{said}; every step sees the same data, so that validation here is on the training data itself, and "
            "whether it overfits cannot be told",
        )
    return Validation(
        None,
        f"{said}; each is drawn at random, so that validation here is on further draws of the training data, and "
        "whether it overfits cannot be told",
    )


def sees_the_same(step: Step, first: nn.Module) -> bool:
    """Whether every iteration of the loop gives the same loss under any random seed."""
    return len(set(_losses(step, copied(first).eval()))) == 1


def _losses(step: Step, model: nn.Module) -> list[float]:
    """Of the first item, of two later ones, and (the third) of the first one under another seed.

    Empty if one cannot be computed.
    """
    try:
        items = list(itertools.islice(step.body.items(), 3))
        pairs = ((items[0], 0), (items[-1], 0), (items[0], 1), (items[len(items) // 2], 0))
        return [_loss(step, model, item, seed) for item, seed in pairs]
    except Exception:
        return []


def _drawn_anew(step: Step, model: nn.Module) -> bool:
    """Whether another pass begins with a different batch; False if one batch gives a different loss each time."""
    losses = []
    for seed in (0, 1):
        with seeded(seed):
            item = next(iter(step.body.items()))
        losses.append([_loss(step, model, item, 0) for _ in range(2)])
    return losses[0][0] == losses[0][1] and losses[0][0] != losses[1][0]


def _loss(step: Step, model: nn.Module, item: Any, seed: int) -> float:
    with seeded(seed), torch.no_grad():
        return float(step.loss(model, item))


def _with_held_out(step: Step, loss: Callable[[Any], float], item: Any, train: float) -> str:
    """The split name of the held-out data in the script, if the loop body accepts it and gives a different loss."""
    body = step.body
    tree = tree_of(body.place.file)
    if body.node is None or tree is None or not any(map(_says_train, ast.walk(body.node))):
        return ""
    words = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    for word in (w for w in _HELD if w in words):
        variant = _variant(body, word)
        if variant is None:
            continue
        step.held_out = variant
        try:
            if loss(Held(item)) != train:
                return word
        except Exception:
            pass
        step.held_out = None
    return ""


def _says_train(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value in _TRAIN


def _variant(body: Body, word: str) -> Body | None:
    """The loop body with the name of the held-out split in place of "train"."""
    assert body.node is not None
    node = copy.deepcopy(body.node)
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and inner.value in _TRAIN:
            inner.value = word
    found = compiled(body.place, node, loaded=False)
    return None if found is None else replace(found, node=body.node, iterated=body.iterated)
