"""Which loss the task trains with: the user's, the model's own, or inferred from outputs and targets."""

import inspect
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from advisor.errors import ContractError

Loss = Callable[[Any, Any], torch.Tensor]


def user_loss(value: Any) -> Loss:
    """The user's ``loss`` as a callable; a loss class is made without arguments.

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
    """The loss that the model itself returns: ``.loss``, ``["loss"]``, or a scalar output."""
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
    """The tensor of predictions in what a model returned: itself, ``logits``, or the first of a tuple."""
    if isinstance(outputs, dict):
        return outputs.get("logits", next(iter(outputs.values()), None))
    if hasattr(outputs, "logits"):
        return outputs.logits
    if isinstance(outputs, (tuple, list)):
        tensors = [item for item in outputs if isinstance(item, torch.Tensor) and item.ndim > 0]
        return tensors[0] if tensors else outputs
    return outputs


def infer_loss(outputs: Any, targets: Any) -> tuple[Loss, str]:
    """Chooses a loss by what outputs and targets look like, and says so.

    Returns:
        The loss and one sentence for the report.

    Raises:
        ContractError: If nothing fits.
    """
    out = prediction(outputs)
    if not isinstance(out, torch.Tensor) or not isinstance(targets, torch.Tensor):
        raise ContractError(
            "a loss, or tensors to infer one from",
            f"outputs {type(out).__name__}, targets {type(targets).__name__}",
            "define loss(outputs, targets) or training_step(model, batch)",
        )
    said = "loss inferred: {} (define `loss` in the file to use another)"
    if class_axis(out, targets) is not None:
        if _is_log_probability(out):
            return _last_class_dim(F.nll_loss), said.format("nll_loss, as the outputs are log-probabilities")
        if _is_probability(out):
            return _last_class_dim(lambda o, t: F.nll_loss(o.clamp_min(1e-12).log(), t)), said.format(
                "negative log likelihood of the probabilities that the model returns"
            )
        return _last_class_dim(F.cross_entropy), said.format("cross_entropy")
    if not _counts(targets) or (_is_binary(targets) and out.numel() == targets.numel()):
        if _is_binary(targets) and out.numel() == targets.numel():
            if bool(((out >= 0) & (out <= 1)).all()):
                return _same_shape(F.binary_cross_entropy), said.format("binary_cross_entropy")
            return _same_shape(F.binary_cross_entropy_with_logits), said.format("binary_cross_entropy_with_logits")
        if out.numel() == targets.numel():
            return _same_shape(F.mse_loss), said.format("mse_loss")
    raise ContractError(
        "outputs and targets that a usual loss fits",
        f"outputs {tuple(out.shape)} {out.dtype}, targets {tuple(targets.shape)} {targets.dtype}",
        "define loss(outputs, targets)",
    )


def class_axis(outputs: torch.Tensor, targets: torch.Tensor) -> int | None:
    """The axis of ``outputs`` that runs over classes, if integer ``targets`` have all the others."""
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
