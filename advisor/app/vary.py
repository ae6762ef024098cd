"""The varied argument or setting: parsing ``--vary``, and the configuration for each value."""

import math
from typing import Any, get_args

from advisor.config.config import Config, parse_yaml
from advisor.config.hparams import HParams, start_momentum
from advisor.config.schedule import ScheduleKind
from advisor.errors import UsageError
from advisor.records.spec import Keywords

_SETTINGS = ("optimizer", "batch_size", "momentum", "weight_decay", "schedule")


def parse_vary(text: str) -> tuple[str, list[Any]]:
    """Parses ``name=value,value,...``; values are YAML, lists in brackets included.

    Raises:
        UsageError: If it does not have that form, has fewer than two values, or a setting cannot take them.
    """
    name, equals, rest = text.partition("=")
    name, example = name.strip(), "for example --vary dropout=0,0.1,0.3 or --vary hidden=[64,64],[128]"
    try:
        values = parse_yaml(f"[{rest}]", "--vary")
    except UsageError as error:
        raise UsageError("--vary NAME=VALUE,VALUE[,...]", repr(text), example) from error
    if not equals or not name.isidentifier() or not isinstance(values, list) or len(values) < 2:
        raise UsageError("--vary NAME=VALUE,VALUE[,...]", repr(text), example)
    for value in values:
        _check_value(name, value)
    return name, values


def _check_value(name: str, value: Any) -> None:
    """Rejects values that a setting cannot take; an argument of the model may be anything."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    wanted, right = {
        "optimizer": ("names of torch.optim classes", isinstance(value, str)),
        "batch_size": ("whole numbers above 0", number and isinstance(value, int) and value > 0),
        "momentum": ("numbers from 0 to below 1", number and 0 <= value < 1),
        "weight_decay": ("numbers from 0 on (YAML reads 1e-4 as text: write 0.0001)", number and value >= 0),
        "schedule": (f"some of {', '.join(get_args(ScheduleKind))}", value in get_args(ScheduleKind)),
    }.get(name, ("", True))
    if not right:
        raise UsageError(f"--vary {name}= with {wanted}", repr(value), "correct it")


def varied(current: Config, name: str, value: Any) -> tuple[Config, Keywords]:
    """The configuration and the model's keyword arguments for a value."""
    if name not in _SETTINGS:
        return current, {name: value}
    if name == "batch_size":
        return current.with_(batch_size=int(value)), {}
    if name == "optimizer" and value != current.optimizer["name"]:
        return current.with_(optimizer={"name": str(value), "lr": current.optimizer["lr"]}), {}
    if name in ("weight_decay", "momentum"):
        return current.with_(optimizer={**current.optimizer, name: float(value)}), {}
    return current, {}


def hparams_for(current: Config, name: str, value: Any) -> HParams:
    """The hyper-parameters that probes of a value begin with."""
    hparams = HParams.starting_from(current)
    if name == "momentum":
        return hparams.with_(momentum=float(value))
    if name == "schedule":
        return hparams.with_(schedule=value)
    return hparams.with_(momentum=start_momentum(hparams.optimizer)) if name == "optimizer" else hparams
