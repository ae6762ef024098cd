"""timm's conventions: arguments of its training script, and models that name weights without decay."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from advisor.records.spec import Keywords
from advisor.task.adapters.optimizers import decayed_and_not
from advisor.task.user_module import Offer

_OPTIMIZERS = {
    "sgd": "SGD", "nesterov": "SGD", "momentum": "SGD", "adam": "Adam", "adamw": "AdamW", "nadam": "NAdam",
    "radam": "RAdam", "rmsprop": "RMSprop", "adagrad": "Adagrad", "adadelta": "Adadelta", "adamax": "Adamax",
}  # fmt: skip
_SAME = ("lr", "weight_decay", "epochs", "batch_size", "amp")


def adapt(offer: Offer) -> None:
    """Reads ``settings`` (or ``args``) with timm's name ``opt``; other settings are left unchanged."""
    given = offer.values["settings"] if offer.values["settings"] is not None else offer.namespace.get("args")
    values: Any = given if isinstance(given, Mapping) else getattr(given, "__dict__", None)
    if not isinstance(values, Mapping) or not isinstance(values.get("opt"), str):
        return
    offer.values["settings"] = _settings(values, offer.said)
    offer.said.append("settings read with timm's names (opt, sched, clip_grad, ...)")
    if values.get("weight_decay"):
        offer.fill("param_groups", _groups)


def _settings(values: Mapping[str, Any], said: list[str]) -> Keywords:
    opt = str(values["opt"]).lower()
    settings: Keywords = {key: values[key] for key in _SAME if values.get(key) is not None}
    settings["optimizer"] = _OPTIMIZERS.get(opt, values["opt"])
    if settings["optimizer"] in ("SGD", "RMSprop") and values.get("momentum") is not None:
        settings["momentum"] = values["momentum"]
        settings |= {"nesterov": True} if opt in ("sgd", "nesterov") else {}
    if values.get("opt_betas"):
        settings["betas"] = values["opt_betas"]
    if values.get("clip_grad") and values.get("clip_mode", "norm") == "norm":
        settings["clip_grad_norm"] = values["clip_grad"]
    if (values.get("grad_accum_steps") or 1) > 1:
        settings["accumulation_steps"] = values["grad_accum_steps"]
    settings["schedule"] = _schedule(values, said)
    return settings


def _schedule(values: Mapping[str, Any], said: list[str]) -> Keywords | None:
    kind, warmup, epochs = str(values.get("sched") or "none"), values.get("warmup_epochs") or 0, values.get("epochs")
    if kind in ("none", "constant"):
        return None
    if kind == "cosine" and warmup and epochs and values.get("lr"):
        share = min(0.99, warmup / epochs)
        return {"name": "OneCycleLR", "max_lr": float(values["lr"]), "pct_start": share, "cycle_momentum": False}
    if kind == "cosine":
        return {"name": "CosineAnnealingLR"}
    if kind == "step" and values.get("decay_epochs"):
        every, factor = int(values["decay_epochs"]), float(values.get("decay_rate") or 0.1)
        return {"name": "StepLR", "step_size": every, "gamma": factor, "interval": "epoch"}
    said.append(f"sched {kind} is not supported: current settings run at a constant rate")
    return None


def _groups(model: nn.Module) -> list[Keywords]:
    """Parameter groups as in timm: no weight decay on biases, norms and the model's ``no_weight_decay``."""
    named = getattr(model, "no_weight_decay", None)
    spared = set(named()) if callable(named) else set()
    decayed = {name for name, p in model.named_parameters() if p.ndim > 1 and name not in spared}
    return decayed_and_not(model.named_parameters(), decayed)
