"""Parts of a Hugging Face ``Trainer`` that override its arguments: loss, optimizer, schedule, callbacks."""

from collections.abc import Callable
from typing import Any

from torch import nn

from advisor.errors import ContractError
from advisor.records.spec import Keywords
from advisor.task.adapters.optimizers import groups_of, settings_of
from advisor.task.adapters.schedulers import keywords_of
from advisor.task.user_module import Offer


def own_parts(offer: Offer, trainer: Any, settings: Keywords) -> None:
    """Adopts supported overrides and reports the others.

    Args:
        offer: Receives the step and the parameter groups.
        trainer: The Trainer.
        settings: Settings from its arguments, replaced by those of its own optimizer and schedule.

    Raises:
        ContractError: If it overrides ``training_step``.
    """
    name = type(trainer).__name__
    if _overrides(trainer, "training_step"):
        raise ContractError(
            "a Trainer with transformers' own training_step",
            f"{name} with its own training_step",
            "write a task file: `advisor init` shows the form of a file with a training_step",
        )
    smoothed = getattr(trainer, "label_smoother", None) is not None
    if _overrides(trainer, "compute_loss") or smoothed or getattr(trainer, "compute_loss_func", None) is not None:
        offer.fill("training_step", lambda model, batch: trainer.compute_loss(model, dict(batch)))
        offer.said.append(f"loss: compute_loss of {name}{', with smoothed labels' if smoothed else ''}")
    if trainer.optimizer is None and _overrides(trainer, "create_optimizer"):
        trainer.create_optimizer()
    if trainer.optimizer is not None:
        _own_optimizer(offer, trainer, settings)
    for method in ("create_scheduler", "get_train_dataloader"):
        if _overrides(trainer, method):
            offer.said.append(f"{method} of {name} is not called: its arguments are used")
    others = [type(c).__name__ for c in trainer.callback_handler.callbacks if not _is_usual(type(c))]
    if others:
        offer.said.append(f"{' and '.join(others)} of the Trainer: not used in probes")


def _overrides(trainer: Any, method: str) -> bool:
    """Whether the user's class overrides a method."""
    owner = next((kind for kind in type(trainer).__mro__ if method in vars(kind)), None)
    return owner is not None and owner.__module__.partition(".")[0] != "transformers"


def _is_usual(callback: type) -> bool:
    """Whether a callback only prints, logs or saves."""
    own = callback.__module__.startswith("transformers.")
    return own and callback.__name__ not in ("EarlyStoppingCallback",)


def _own_optimizer(offer: Offer, trainer: Any, settings: Keywords) -> None:
    for key in ("betas", "momentum", "weight_decay"):
        settings.pop(key, None)
    settings |= settings_of(trainer.optimizer, offer.said)
    scheduler = trainer.lr_scheduler
    if scheduler is not None:
        settings["schedule"] = keywords_of(scheduler)
        if settings["schedule"] is None and type(scheduler).__name__ != "ConstantLR":
            offer.said.append(
                f"{type(scheduler).__name__} is not converted: the current settings run at a constant rate"
            )
    offer.said.append(
        f"optimizer of the Trainer in the file: {settings['optimizer']}, lr {settings['lr']:g}"
        + (f", {settings['schedule']['name']}" if settings.get("schedule") else "")
    )
    if len(trainer.optimizer.param_groups) > 1:
        offer.fill("param_groups", _by_name(trainer))
    else:
        offer.fill("param_groups", lambda model: [{"params": [p for p in model.parameters() if p.requires_grad]}])


def _by_name(trainer: Any) -> Callable[[nn.Module], list[Keywords]]:
    """The groups of the Trainer's optimizer by parameter name, for another model of the same class."""
    names = {id(p): name for name, p in trainer.model.named_parameters()}
    groups = [{**group, "params": [names[id(p)] for p in group["params"]]} for group in groups_of(trainer.optimizer)]

    def param_groups(model: nn.Module) -> list[Keywords]:
        own = dict(model.named_parameters())
        return [{**group, "params": [own[name] for name in group["params"]]} for group in groups]

    return param_groups
