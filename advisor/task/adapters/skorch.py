"""skorch: a NeuralNet of the file, with its module, criterion and arguments."""

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from advisor.records.spec import Keywords
from advisor.task.user_module import Offer

_TINY = torch.finfo(torch.float32).eps


def adapt(offer: Offer) -> None:
    """Fills in the roles from a skorch net and ``X``, ``y``."""
    package = sys.modules.get("skorch.net")
    if package is None:
        return
    net: Any = offer.of_type(package.NeuralNet)
    if not isinstance(net, package.NeuralNet):
        return
    if isinstance(offer.values["model"], package.NeuralNet):
        offer.values["model"] = None
    arguments = net.get_params_for("module")
    if callable(net.module) and not isinstance(net.module, nn.Module):
        offer.fill("model", lambda **keywords: net.module(**{**arguments, **keywords}))
    else:
        offer.fill("model", net.module)
    if "X" in offer.namespace and "y" in offer.namespace:
        offer.fill("train_data", (offer.namespace["X"], offer.namespace["y"]))
    offer.fill("loss", _loss(net))
    offer.fill("settings", _settings(net, offer.said))
    offer.said.append(f"module, criterion and settings: those of the {type(net).__name__} of skorch")


def _loss(net: Any) -> Callable[[Any, Any], Any]:
    criterion = net.criterion(**net.get_params_for("criterion")) if isinstance(net.criterion, type) else net.criterion
    if not (isinstance(criterion, nn.NLLLoss) and "Classifier" in {kind.__name__[-10:] for kind in type(net).__mro__}):
        return criterion  # type: ignore[no-any-return]

    def of_probabilities(outputs: Any, targets: Any) -> torch.Tensor:
        """As in skorch: a classifier's module returns probabilities, and NLLLoss gets their logarithm."""
        found = outputs[0] if isinstance(outputs, tuple) else outputs
        value: torch.Tensor = criterion(torch.log(found + _TINY), targets)
        return value

    return of_probabilities


def _settings(net: Any, said: list[str]) -> Keywords:
    keywords = {**net.get_params_for_optimizer("optimizer", [("", nn.Parameter(torch.zeros(1)))])[1]}
    settings: Keywords = {
        "optimizer": net.optimizer.__name__,
        "lr": float(keywords.get("lr", net.lr)),
        "epochs": int(net.max_epochs),
    }
    if net.batch_size and net.batch_size > 0:
        settings["batch_size"] = int(net.batch_size)
    settings |= {key: keywords[key] for key in ("momentum", "betas", "nesterov", "weight_decay") if key in keywords}
    for callback in net.callbacks or []:
        item = callback[1] if isinstance(callback, tuple) else callback
        if type(item).__name__ == "GradientNormClipping":
            settings["clip_grad_norm"] = float(item.gradient_clip_value)
        elif type(item).__name__ == "LRScheduler":
            name = item.policy if isinstance(item.policy, str) else item.policy.__name__
            if hasattr(torch.optim.lr_scheduler, name) and name != "ReduceLROnPlateau":
                interval = "epoch" if item.step_every == "epoch" else "step"
                settings["schedule"] = {"name": name, **item.kwargs, "interval": interval}
            else:
                said.append(f"LRScheduler {name} cannot be written as keywords: current settings run without it")
    return settings
