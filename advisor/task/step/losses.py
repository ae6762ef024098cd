"""The loss of the task: the user's, the model's own, or inferred from outputs and targets."""

import inspect
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from advisor.errors import ContractError
from advisor.runtime.oom import out_of_memory

Loss = Callable[[Any, Any], torch.Tensor]
IGNORED = -100
"""Default ``ignore_index`` of PyTorch's losses."""


def user_loss(value: Any) -> Loss:
    """The user's ``loss`` as a callable; a loss class is instantiated without arguments.

    Raises:
        ContractError: If it cannot be called.
    """
    if inspect.isclass(value) and issubclass(value, nn.Module):
        try:
            value = value()
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
            raise ContractError("a loss class that needs no arguments", found, "give an instance of it") from error
    if not callable(value):
        raise ContractError("loss(outputs, targets) as a function or nn.Module", type(value).__name__, "define it so")
    return value  # type: ignore[no-any-return]


def own_loss(outputs: Any) -> torch.Tensor | None:
    """The loss returned by the model: ``.loss``, ``["loss"]``, or a scalar output."""
    found = outputs.get("loss") if isinstance(outputs, dict) else getattr(outputs, "loss", None)
    if isinstance(found, torch.Tensor):
        return found
    if isinstance(outputs, torch.Tensor) and outputs.ndim == 0:
        return outputs
    if isinstance(outputs, (tuple, list)):
        scalars = [item for item in outputs if isinstance(item, torch.Tensor) and item.ndim == 0]
        return scalars[0] if len(scalars) == 1 else None
    return None


def prediction(outputs: Any) -> Any:
    """The tensor of predictions in a model's output: the output itself, ``logits``, or the first of a tuple."""
    if isinstance(outputs, dict):
        return outputs.get("logits", next(iter(outputs.values()), None))
    if hasattr(outputs, "logits"):
        return outputs.logits
    if isinstance(outputs, (tuple, list)):
        tensors = [item for item in outputs if isinstance(item, torch.Tensor) and item.ndim > 0]
        return tensors[0] if tensors else outputs
    return outputs


def fit_loss(loss: Loss, outputs: Any, targets: Any) -> tuple[Loss, str]:
    """Adapts the user's loss to the model's outputs: selects a tensor of a tuple, or reshapes the targets.

    Returns:
        A loss of unmodified outputs and targets, and one sentence for the report; the user's own loss and an
        empty sentence if it fits, or if no adaptation works.
    """
    torchs = type(loss).__module__.startswith("torch.nn") or getattr(loss, "__module__", "") == F.__name__
    broadcasts = torchs and _only_shape_differs(outputs, targets)
    if not broadcasts and _works(loss, outputs, targets):
        return loss, ""
    for change, said in _CHANGES[-1:] if broadcasts else _CHANGES:
        changed = _changed(loss, change)
        if _works(changed, outputs, targets):
            return changed, f"loss: {said}"
    return loss, ""


def infer_loss(outputs: Any, targets: Any) -> tuple[Loss, str]:
    """Infers a loss from the shapes and types of outputs and targets.

    Returns:
        The loss and one sentence for the report.

    Raises:
        ContractError: If no usual loss fits.
    """
    out = prediction(outputs)
    if not isinstance(out, torch.Tensor) or not isinstance(targets, torch.Tensor):
        raise ContractError(
            "a loss, or tensors to infer one from",
            f"outputs {type(out).__name__}, targets {type(targets).__name__}",
            "define loss(outputs, targets) or training_step(model, batch)",
        )
    said = "loss inferred: {} (define `loss` in the file to use another)"
    column = targets.ndim > 1 and targets.shape[-1] == 1 and _counts(targets)
    if column and class_axis(out, targets) is None and class_axis(out, targets.squeeze(-1)) is not None:
        loss, sentence = infer_loss(outputs, targets.squeeze(-1))
        return lambda o, t: loss(o, t.squeeze(-1)), sentence
    if class_axis(out, targets) is not None:
        if _is_log_probability(out):
            return _last_class_dim(F.nll_loss), said.format("nll_loss, as the outputs are log-probabilities")
        if _is_probability(out):
            return _last_class_dim(lambda o, t: F.nll_loss(o.clamp_min(1e-12).log(), t)), said.format(
                "negative log likelihood of the probabilities that the model returns"
            )
        return _last_class_dim(F.cross_entropy), said.format("cross_entropy")
    if _is_distribution(targets) and out.shape == targets.shape and not _is_probability(out):
        return _on_prediction(F.cross_entropy), said.format("cross_entropy, as each row of targets sums to 1")
    if not _counts(targets) or (_is_binary(targets) and out.numel() == targets.numel()):
        if _is_binary(targets) and out.numel() == targets.numel():
            if bool(((out >= 0) & (out <= 1)).all()):
                return _same_shape(F.binary_cross_entropy), said.format("binary_cross_entropy")
            return _same_shape(F.binary_cross_entropy_with_logits), said.format("binary_cross_entropy_with_logits")
        if out.numel() == targets.numel():
            return _same_shape(F.mse_loss), said.format("mse_loss")
    raise ContractError(
        "outputs and targets for a usual loss",
        f"outputs {tuple(out.shape)} {out.dtype}, targets {tuple(targets.shape)} {targets.dtype}",
        "define loss(outputs, targets)",
    )


def infer_unlabelled(outputs: Any, inputs: Any) -> tuple[Loss, str]:
    """A loss for data without targets: the reconstruction error of the inputs.

    Raises:
        ContractError: If outputs do not have the inputs' shape, or the model returns more than a reconstruction.
    """
    out = prediction(outputs)
    wanted = "a loss for data without targets"
    if not isinstance(out, torch.Tensor) or not isinstance(inputs, torch.Tensor):
        raise ContractError(wanted, f"outputs {type(out).__name__}", "define loss(outputs, inputs)")
    if out.shape != inputs.shape or not inputs.is_floating_point():
        found = f"outputs {tuple(out.shape)}, inputs {tuple(inputs.shape)} {inputs.dtype}"
        raise ContractError(wanted, found, "define loss(outputs, inputs) or training_step(model, batch)")
    if isinstance(outputs, (tuple, list)) and len(outputs) > 2:
        found = f"a reconstruction and {len(outputs) - 1} further outputs, which a reconstruction error would ignore"
        raise ContractError(wanted, found, "define loss(outputs, inputs), for a VAE with its KL term")
    said = "loss inferred: mse_loss against the inputs, as outputs have their shape (define `loss` to use another)"
    return _same_shape(F.mse_loss), said


def class_axis(outputs: torch.Tensor, targets: torch.Tensor) -> int | None:
    """The class axis of ``outputs``, if the other axes match the integer ``targets``."""
    if not _counts(targets) or outputs.ndim != targets.ndim + 1:
        return None
    if outputs.shape[:-1] == targets.shape:
        return outputs.ndim - 1 if outputs.shape[-1] > 1 else None
    return 1 if outputs.shape[1] > 1 and (outputs.shape[0], *outputs.shape[2:]) == tuple(targets.shape) else None


def _counts(targets: torch.Tensor) -> bool:
    return not targets.is_floating_point() and targets.dtype != torch.bool


def _last_class_dim(loss: Loss) -> Loss:
    def apply(outputs: Any, targets: Any) -> torch.Tensor:
        out = prediction(outputs)
        axis = class_axis(out, targets)
        return loss(out if axis == 1 else out.flatten(0, -2), targets if axis == 1 else targets.flatten())

    return apply


def _same_shape(loss: Loss) -> Loss:
    def apply(outputs: Any, targets: Any) -> torch.Tensor:
        out = prediction(outputs)
        return loss(out, targets.to(out.dtype).reshape(out.shape))

    return apply


def _on_prediction(loss: Loss) -> Loss:
    return lambda outputs, targets: loss(prediction(outputs), targets)


_CHANGES: tuple[tuple[Callable[[Any, Any], tuple[Any, ...]], str], ...] = (
    (lambda o, t: (o[0], t, *o[1:]), "called with the first output, the targets, and the other outputs"),
    (lambda o, t: (prediction(o), t), "called with the predictions in the model's output"),
    (lambda o, t: _flat(prediction(o), t), "called with classes in axis 1, sequences flattened"),
    (lambda o, t: (prediction(o), _squeezed(t).long()), "called with targets as class numbers"),
    (
        lambda o, t: (prediction(o), t.to(prediction(o).dtype).reshape(prediction(o).shape)),
        "called with targets in the shape and dtype of the outputs",
    ),
)


def _changed(loss: Loss, change: Callable[[Any, Any], tuple[Any, ...]]) -> Loss:
    return lambda outputs, targets: loss(*change(outputs, targets))


def _works(loss: Loss, outputs: Any, targets: Any) -> bool:
    """Whether the loss returns a scalar here."""
    try:
        with torch.no_grad():
            value = loss(outputs, targets)
    except Exception as error:
        if out_of_memory(error):
            raise
        return False
    return isinstance(value, torch.Tensor) and value.numel() == 1


def _only_shape_differs(outputs: Any, targets: Any) -> bool:
    """Whether a column meets a row, which torch's losses would broadcast to a square."""
    if not (isinstance(outputs, torch.Tensor) and isinstance(targets, torch.Tensor)):
        return False
    return outputs.shape != targets.shape and outputs.numel() == targets.numel() and len(targets) > 1


def _flat(out: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    axis = class_axis(out, targets)
    if axis is None or out.ndim < 3:
        raise ValueError("no classes among the outputs")
    return out.movedim(axis, -1).flatten(0, -2), targets.flatten()


def _squeezed(targets: torch.Tensor) -> torch.Tensor:
    """Class numbers in a column as a row; raises for other numbers."""
    if targets.is_floating_point() and not bool((targets == targets.round()).all()):
        raise ValueError("targets are not class numbers")
    return targets.squeeze(-1) if targets.ndim > 1 and targets.shape[-1] == 1 else targets


def _is_distribution(targets: torch.Tensor) -> bool:
    if not targets.is_floating_point() or targets.ndim != 2 or targets.shape[1] < 2 or not bool((targets >= 0).all()):
        return False
    return torch.allclose(targets.sum(1), torch.ones(1, device=targets.device, dtype=targets.dtype), atol=1e-4)


def _is_log_probability(out: torch.Tensor) -> bool:
    axis = 1 if out.ndim > 1 else -1
    return bool((out <= 1e-4).all()) and any(
        torch.allclose(out.float().logsumexp(a), torch.zeros(1, device=out.device), atol=1e-3) for a in {axis, -1}
    )


def _is_probability(out: torch.Tensor) -> bool:
    if not bool((out >= 0).all()):
        return False
    axis = 1 if out.ndim > 1 else -1
    return any(torch.allclose(out.float().sum(a), torch.ones(1, device=out.device), atol=1e-3) for a in {axis, -1})


def _is_binary(targets: torch.Tensor) -> bool:
    return bool(((targets == 0) | (targets == 1)).all())
