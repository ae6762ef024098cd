"""Hugging Face transformers: a model with its data set and collator, ``TrainingArguments`` or a ``Trainer``."""

import inspect
import math
import sys
from typing import Any

from torch import nn
from torch.utils.data import DataLoader

from advisor.records.spec import Keywords
from advisor.task.adapters.huggingface_trainer import own_parts
from advisor.task.adapters.optimizers import decayed_and_not
from advisor.task.task import make_model
from advisor.task.user_module import Offer, called

_OPTIMIZERS = {"adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop", "adagrad": "Adagrad"}
_DATA_NAMES = {"train_data": ("train_dataset",), "val_data": ("eval_dataset", "val_dataset")}


def adapt(offer: Offer) -> None:
    """Fills in the roles from a transformers model, its arguments and a Trainer."""
    if "transformers" not in sys.modules:
        return
    trainer = _instance(offer, "transformers.trainer", "Trainer")
    if trainer is not None:
        offer.fill("model", trainer.model_init or trainer.model)
        offer.fill("train_data", trainer.train_dataset)
        offer.fill("val_data", trainer.eval_dataset)
        offer.said.append("model, data and collator: those of the Trainer in the file")
    pretrained = _class("transformers.modeling_utils", "PreTrainedModel")
    if pretrained is not None:
        offer.fill("model", offer.of_type(pretrained))
    arguments = trainer.args if trainer else _instance(offer, "transformers.training_args", "TrainingArguments")
    if trainer is None and arguments is None and not _is_pretrained(offer.values["model"], pretrained):
        return
    for role, names in _DATA_NAMES.items():
        offer.fill(role, next((offer.namespace[name] for name in names if name in offer.namespace), None))
    _collate(offer, trainer, arguments)
    if arguments is not None:
        settings = _settings(arguments, offer)
        if trainer is not None:
            own_parts(offer, trainer, settings)
        offer.fill("settings", settings)
        offer.fill("param_groups", _groups)


def _is_pretrained(model: Any, kind: type | None) -> bool:
    if kind is None or model is None:
        return False
    if inspect.isclass(model):
        return issubclass(model, kind)
    return isinstance(make_model(model) if inspect.isfunction(model) else model, kind)


def _collate(offer: Offer, trainer: Any, arguments: Any) -> None:
    """Wraps data sets in loaders with the file's collator, or transformers' default collator for dicts."""
    collator = trainer.data_collator if trainer else _collator(offer)
    size = arguments.per_device_train_batch_size if arguments else None
    for role in ("train_data", "val_data"):
        data = offer.values[role] = called(offer.values[role], role)
        if data is None or isinstance(data, (DataLoader, tuple)) or not hasattr(data, "__len__"):
            continue
        if len(data) and hasattr(data[0], "keys"):
            offer.values[role] = DataLoader(
                data, batch_size=size or 8, shuffle=role == "train_data", collate_fn=collator
            )


def _collator(offer: Offer) -> Any:
    named = [offer.namespace.get(name) for name in ("data_collator", "collator", "collate_fn")]
    typed = [value for value in offer.namespace.values() if "DataCollator" in type(value).__name__]
    found = next((value for value in named + typed if value is not None and not inspect.isclass(value)), None)
    if found is not None:
        offer.said.append(f"batches from {getattr(found, '__name__', type(found).__name__)}")
        return found
    return sys.modules["transformers"].default_data_collator


def _settings(arguments: Any, offer: Offer) -> Keywords:
    """``TrainingArguments`` in the contract's names."""
    kind = str(getattr(arguments.optim, "value", arguments.optim))
    name = next((ours for theirs, ours in _OPTIMIZERS.items() if kind.startswith(theirs)), None)
    if name is None:
        offer.said.append(f"optim {kind} is not a torch.optim class: probes use AdamW")
    settings: Keywords = {
        "optimizer": name or "AdamW",
        "lr": float(arguments.learning_rate),
        "weight_decay": float(arguments.weight_decay),
        "batch_size": int(arguments.per_device_train_batch_size),
        "epochs": max(1, round(float(arguments.num_train_epochs))),
        "clip_grad_norm": float(arguments.max_grad_norm) or None,
        "amp": bool(arguments.bf16 or arguments.fp16),
        "accumulation_steps": int(arguments.gradient_accumulation_steps),
    }
    if settings["optimizer"] == "AdamW":
        settings["betas"] = (float(arguments.adam_beta1), float(arguments.adam_beta2))
    if arguments.max_steps > 0:
        settings["steps"] = int(arguments.max_steps)
    settings["schedule"] = _schedule(arguments, settings, offer)
    offer.said.append(
        f"settings read from TrainingArguments: {settings['optimizer']}, learning_rate {settings['lr']:g}, "
        f"{settings['batch_size']} examples per device, {arguments.num_train_epochs:g} epochs"
    )
    return settings


def _schedule(arguments: Any, settings: Keywords, offer: Offer) -> Keywords | None:
    """The warm-up and decay of the arguments as a torch schedule; peak rates become ``max_lr``.

    OneCycleLR peaks one step before ``pct_start`` of its length, transformers at the end of the warm-up.
    """
    data: Any = offer.values["train_data"]
    data = data.dataset if isinstance(data, DataLoader) else data
    examples = len(data) if hasattr(data, "__len__") else 0
    per_step = settings["batch_size"] * settings["accumulation_steps"]
    total = settings.get("steps") or max(1, math.ceil(examples / per_step) * settings["epochs"])
    kind = str(getattr(arguments.lr_scheduler_type, "value", arguments.lr_scheduler_type))
    given = float(arguments.warmup_steps or getattr(arguments, "warmup_ratio", None) or 0.0)
    warmup = given if given >= 1 else math.ceil(given * total)  # Values below one are a share of the run.
    if kind in ("linear", "cosine") and warmup > 0:
        anneal = {"linear": "linear", "cosine": "cos"}[kind]
        return {
            "name": "OneCycleLR", "max_lr": settings["lr"], "pct_start": min(0.99, (warmup + 1) / total),
            "anneal_strategy": anneal, "div_factor": 1e4, "final_div_factor": 1e4, "cycle_momentum": False,
        }  # fmt: skip
    if kind == "linear":
        return {"name": "LinearLR", "start_factor": 1.0, "end_factor": 0.0, "total_iters": total}
    if kind == "cosine":
        return {"name": "CosineAnnealingLR", "T_max": total}
    if kind == "polynomial":
        return {"name": "PolynomialLR", "total_iters": total}
    if not kind.startswith("constant"):
        offer.said.append(f"lr_scheduler_type {kind} is not supported: current settings run at a constant rate")
    return None


def _groups(model: nn.Module) -> list[Keywords]:
    """Parameter groups as in transformers' Trainer: no weight decay on biases and norms."""
    decayed = {
        f"{name}.{part}" if name else part
        for name, module in model.named_modules()
        if "norm" not in type(module).__name__.lower()
        for part, _ in module.named_parameters(recurse=False)
        if "bias" not in part
    }
    return decayed_and_not(model.named_parameters(), decayed)


def _instance(offer: Offer, module: str, name: str) -> Any:
    kind = _class(module, name)
    found = offer.of_type(kind) if kind is not None else None
    return found if kind is not None and isinstance(found, kind) else None


def _class(module: str, name: str) -> Any:
    """A class of an already imported module."""
    loaded = sys.modules.get(module)
    return getattr(loaded, name, None) if loaded is not None else None
