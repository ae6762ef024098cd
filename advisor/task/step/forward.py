"""From a batch to its loss: by the user's training_step, their loss, the model's own, or an inferred one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from advisor.errors import ContractError
from advisor.runtime.oom import halving
from advisor.task.data.batches import tensors_in
from advisor.task.data.data import Data, look
from advisor.task.data.labels import all_targets
from advisor.task.step.calling import Call, find_call
from advisor.task.step.class_scores import leaves_out, scores_classes
from advisor.task.step.losses import (
    IGNORED,
    Loss,
    class_axis,
    fit_loss,
    infer_loss,
    infer_unlabelled,
    own_loss,
    prediction,
    user_loss,
)

Forward = Callable[[nn.Module, Any], tuple[torch.Tensor, Any, Any]]
_LOOK = 64
_NAMED = (("outputs", "targets"), ("logits", "targets"), ("logits", "labels"), ("preds", "targets"))


@dataclass(frozen=True, slots=True)
class Way:
    """How a batch becomes a loss.

    Attributes:
        forward: ``(model, batch) -> (loss, outputs, targets)``; outputs may be None.
        call: How the model is called; None if ``training_step`` does it.
        loss: ``loss(outputs, targets)``; None if the model or ``training_step`` computes it.
        given: The user's own loss where ``loss`` adapts it to outputs and targets.
        scored: Whether outputs with an axis more than whole-number targets are scores of classes.
    """

    forward: Forward
    call: Call | None = None
    loss: Loss | None = None
    given: Loss | None = None
    scored: bool = True


def find_way(step: Any, given_loss: Any, model: nn.Module, train: Data, said: list[str]) -> Way:
    """Determines the path from batch to loss with the first examples of the training data.

    Args:
        step: ``training_step`` of the file, or None.
        given_loss: ``loss`` of the file, or None.
        model: A model for the trial; its lazy modules are initialised.
        train: Training data.
        said: Receives what was inferred.

    Raises:
        ContractError: If data, model and loss do not fit.
    """
    way, sentences = halving(lambda examples: _find_way(step, given_loss, model, train, examples), _LOOK)
    said.extend(sentences)
    return way


def _find_way(step: Any, given_loss: Any, model: nn.Module, train: Data, examples: int) -> tuple[Way, list[str]]:
    """The same with a given number of examples; fewer are tried if memory runs out."""
    said: list[str] = []
    batch = look(train, "train_data", examples)
    doubles = any(tensor.dtype == torch.float64 for tensor in tensors_in(batch))
    if doubles and not any(p.dtype == torch.float64 for p in model.parameters()):
        said.append("float64 data are converted to float32, the dtype of the model's weights")
        train.float32 = True
        batch = look(train, "train_data", examples)
    if step is not None:
        if not callable(step):
            raise ContractError("training_step(model, batch) -> loss", type(step).__name__, "define it so")
        said.append("loss: the training_step of the file")
        return Way(_from_training_step(step)), said
    call, outputs, targets = find_call(model, batch)
    if call.said:
        said.append(call.said)
    if given_loss is not None:
        own = user_loss(given_loss)
        if isinstance(own, nn.Module):
            own = own.to(next(tensors_in(batch)).device)
        scored = scores_classes(own, outputs, targets)
        if scored:
            check_classes(outputs, targets, train, "train_data", own)
        else:
            said.append("the loss takes outputs and whole-number targets otherwise than as scores of classes")
        loss, sentence = fit_loss(own, outputs, targets)
        said.extend([sentence] if sentence else [])
        return Way(_from_loss(call, loss), call, loss, own if sentence else None, scored), said
    check_classes(outputs, targets, train, "train_data")
    if own_loss(outputs) is not None:
        said.append("loss: returned by the model")
        return Way(_from_own_loss(call), call), said
    return _inferred(call, outputs, targets, batch, said), said


def check_classes(outputs: Any, targets: Any, data: Data, name: str, loss: Loss | None = None) -> None:
    """Checks for class numbers beyond the outputs before a loss sees them: on a GPU it would abort.

    Args:
        outputs: Of a model.
        targets: Theirs.
        data: Where all targets are looked at.
        name: Of the data, for people.
        loss: The user's; what it leaves out (``ignore_index``) may be any number.

    Raises:
        ContractError: If there are any.
    """
    out = prediction(outputs)
    if not isinstance(out, torch.Tensor) or not isinstance(targets, torch.Tensor):
        return
    axis = class_axis(out, targets)
    if axis is None:
        return
    everything = all_targets(data, targets)
    valid = everything[everything != IGNORED]
    if not valid.numel():
        return
    low, high, classes = int(valid.min()), int(valid.max()), int(out.shape[axis])
    beyond = torch.unique(valid[(valid < 0) | (valid >= classes)]).tolist()
    if beyond and not (loss is not None and all(leaves_out(loss, outputs, targets, number) for number in beyond)):
        raise ContractError(
            f"class targets from 0 to {classes - 1} in {name}, as the model has {classes} outputs",
            f"targets from {low} to {high}",
            "number the classes from 0, or give the model one output per class",
        )


def _inferred(call: Call, outputs: Any, targets: Any, batch: Any, said: list[str]) -> Way:
    inputs = next(tensors_in(batch))
    out = prediction(outputs)
    if call.unlabelled and isinstance(out, torch.Tensor) and class_axis(out, inputs) == 2 and inputs.ndim == 2:
        given = call.targets
        call = replace(call, next_token=True, unlabelled=False, targets=lambda b: given(b)[:, 1:])
        said.append("the model returns a score per token: it is trained to predict the next token")
        outputs, targets = out[:, :-1], inputs[:, 1:]
    if call.unlabelled:
        loss, sentence = infer_unlabelled(outputs, targets)
        said.append(sentence)
        return Way(_from_loss(call, loss), call, loss)
    if _reproduces(out, inputs, targets):
        call = replace(call, targets=lambda b: next(tensors_in(b)))
        loss, sentence = infer_unlabelled(outputs, inputs)
        said.append("targets are ignored: outputs have the inputs' shape, so the model is trained to reproduce them")
    else:
        loss, sentence = infer_loss(outputs, targets)
    said.append(sentence)
    return Way(_from_loss(call, loss), call, loss)


def _reproduces(out: Any, inputs: torch.Tensor, targets: Any) -> bool:
    """Whether outputs have the shape of the inputs, and targets use less than half of them as classes."""
    if not isinstance(out, torch.Tensor) or not isinstance(targets, torch.Tensor) or targets.is_floating_point():
        return False
    if out.shape != inputs.shape or not inputs.is_floating_point() or out.ndim < 2:
        return False
    return targets.shape != out.shape and 2 * int(targets.max()) < out.shape[1:].numel()


def _from_loss(call: Call, loss: Loss) -> Forward:
    def forward(model: nn.Module, batch: Any) -> tuple[torch.Tensor, Any, Any]:
        outputs, targets = call(model, batch)
        return loss(outputs, targets), outputs, targets

    return forward


def _from_own_loss(call: Call) -> Forward:
    def forward(model: nn.Module, batch: Any) -> tuple[torch.Tensor, Any, Any]:
        outputs, targets = call(model, batch)
        loss = own_loss(outputs)
        if loss is None:
            raise ContractError("a loss in what the model returns", type(outputs).__name__, "define loss")
        return loss, outputs, targets

    return forward


def _from_training_step(step: Callable[[nn.Module, Any], Any]) -> Forward:
    def forward(model: nn.Module, batch: Any) -> tuple[torch.Tensor, Any, Any]:
        result = step(model, batch)
        loss = result.get("loss") if isinstance(result, dict) else result
        if not isinstance(loss, torch.Tensor):
            found = f"a dict with {', '.join(map(str, result))}" if isinstance(result, dict) else type(loss).__name__
            raise ContractError('training_step to return a loss tensor or a dict with "loss"', found, "return it so")
        for outputs, targets in _NAMED:
            if isinstance(result, dict) and outputs in result and targets in result:
                return loss, result[outputs], result[targets]
        return loss, None, None

    return forward
