"""Runs all checks beyond losses and layers; what cannot be measured on a task is left out."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import nn

from advisor.probes.preflight.dependence import (
    chance,
    few_examples,
    later_tokens,
    other_examples,
    token_order,
    unread_half,
)
from advisor.probes.preflight.giveaways import padding, telling_column
from advisor.probes.preflight.loss_watch import LossWatch
from advisor.probes.preflight.modules import NormWatch, frozen_head, half_weights, outside, strongest_dropout
from advisor.probes.preflight.splits import largest_column, sample_inputs, scale, window_overlap
from advisor.records.looks import Looks
from advisor.runtime.oom import out_of_memory
from advisor.runtime.randomness import seeded
from advisor.task.data.batches import tensors_in
from advisor.task.step.losses import class_axis, prediction

if TYPE_CHECKING:
    from advisor.task.task import Task

_T = TypeVar("_T")
_CLASSES = 1000


def make_looks(task: "Task", model: nn.Module, batch: Any, sample: torch.Tensor | None, order: list[str]) -> Looks:
    """Runs the checks before training; costs a handful of forward passes over a few examples.

    Args:
        task: The task.
        model: An untrained model; its running statistics may change.
        batch: Training examples.
        sample: Targets of a sample of the training data, or None.
        order: Names of the model's weighted layers and activations, as a batch reaches them.
    """
    watch, norms, stray = _step(task, model, batch)
    few = _tried(lambda: few_examples(task), None)
    change = mixed = future = order_change = math.nan
    dropped, unread = False, ""
    if few is not None:
        change, dropped = _tried(lambda: chance(task, model, few), (math.nan, False))
        mixed = _tried(lambda: other_examples(task, model, few), math.nan)
        future = _tried(lambda: later_tokens(task, model, few), math.nan)
        unread = _tried(lambda: unread_half(task, model, few), "")
        order_change = _tried(lambda: token_order(task, model, few), math.nan)
    examples = max(1, min(256, task.train.size))
    ours = _tried(lambda: sample_inputs(task.train, batch, examples), None)
    theirs = _tried(lambda: sample_inputs(task.val, batch, examples), None)
    no_targets: dict[str, Any] = {}
    name, share = strongest_dropout(model)
    padded, counts = _tried(lambda: padding(task, model, batch), (math.nan, math.nan))
    return Looks(
        loss_calls=tuple(dict.fromkeys(watch.calls)),
        broadcasts=tuple(watch.broadcasts),
        scrambled=watch.scrambled,
        ctc_impossible=watch.ctc_impossible,
        linear_loss=_tried(lambda: _linear(task, model, batch), False),
        norms=norms.looks(),
        eval_dropout=dropped,
        outside=stray,
        eval_change=change,
        mixed=mixed,
        future=future,
        order_change=order_change,
        unread=unread,
        window_overlap=_tried(lambda: window_overlap(task.train, task.val), math.nan),
        train_scale=scale(ours),
        val_scale=scale(theirs),
        column=largest_column(ours),
        frozen_head=frozen_head(model, order),
        dropout=name,
        dropout_share=share,
        half_weights=half_weights(model),
        random_inputs=few is not None and _tried(lambda: not _alike(few, few_examples(task)), False),
        telling=_tried(lambda: telling_column(_inputs(batch), task.targets(batch)), -1),
        padding=padded,
        padding_counts=counts,
        **_tried(lambda: _targets(sample), no_targets),
    )


def _step(task: "Task", model: nn.Module, batch: Any) -> tuple[LossWatch, NormWatch, tuple[str, ...]]:
    """One loss in training mode under hooks; uses the user's own loss if the task adapts it."""
    model.train()
    watch, norms = LossWatch(), NormWatch(model)
    stray: tuple[str, ...] = ()
    try:
        with seeded(0), watch:
            loss, outputs, targets = task.forward(model, batch)
            if task.way.given is not None and outputs is not None:
                _tried(lambda: task.way.given(outputs, targets), None)  # type: ignore[misc]
        watch.scrambled = _tried(lambda: watch.scrambled_in(prediction(outputs)), ())
        if loss.requires_grad:
            stray = outside(model, loss, task.criterion)
    finally:
        norms.close()
    return watch, norms, stray


def _linear(task: "Task", model: nn.Module, batch: Any) -> bool:
    """Whether a loss of class scores is linear in them, and so has no minimum."""
    if task.criterion is None or not task.way.scored:
        return False
    with torch.no_grad():
        _, outputs, targets = task.forward(model, batch)
        out = prediction(outputs)
        if (
            not isinstance(out, torch.Tensor)
            or not isinstance(targets, torch.Tensor)
            or class_axis(out, targets) is None
        ):
            return False
        scores = torch.randn(out.shape, generator=torch.Generator().manual_seed(0)).to(out)
        one, two, back = (float(task.criterion(factor * scores, targets)) for factor in (1.0, 2.0, -1.0))
    size = abs(one)
    return size > 0 and abs(two - 2 * one) < 1e-3 * size and abs(back + one) < 1e-3 * size


def _targets(sample: torch.Tensor | None) -> dict[str, Any]:
    """Spread of real targets; class shares if they are whole numbers from 0, or 0 and 1."""
    if sample is None or not sample.numel():
        return {}
    values = sample.flatten()
    found: dict[str, Any] = {}
    if values.is_floating_point():
        finite = values[torch.isfinite(values)].double()
        found["targets"] = (float(finite.mean()), float(finite.std())) if finite.numel() > 1 else (math.nan, math.nan)
        if not bool(((values == 0) | (values == 1)).all()):
            return found
    if sample.ndim > 1 and sample.shape[1:].numel() > 1:
        return found
    whole = values.long()
    whole = whole[whole >= 0]
    if whole.numel() and int(whole.max()) < _CLASSES:
        counts = torch.bincount(whole).double()
        found["shares"] = tuple((counts / counts.sum()).tolist())
    return found


def _inputs(batch: Any) -> Any:
    """The one input of a batch of inputs and targets; None where there are several, or no targets."""
    return batch[0] if isinstance(batch, (tuple, list)) and len(batch) == 2 else None


def _alike(one: Any, other: Any) -> bool:
    """Whether two reads of the same examples have the same inputs."""
    first, second = next(tensors_in(one)), next(tensors_in(other))
    return first.shape == second.shape and bool(torch.equal(first, second))


def _tried(look: Callable[[], _T], otherwise: _T) -> _T:
    """Result of a check; ``otherwise`` if the user's code raises."""
    try:
        return look()
    except Exception as error:
        if out_of_memory(error):
            raise
        return otherwise
