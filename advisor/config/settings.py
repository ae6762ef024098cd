"""The user's current settings, read from ``settings`` in their file. No torch here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from advisor.config.config import Config
from advisor.config.schedule import in_steps
from advisor.errors import ContractError
from advisor.records.spec import Keywords

_KNOWN = (
    "optimizer", "lr", "momentum", "betas", "weight_decay", "nesterov", "schedule", "batch_size", "epochs",
    "clip_grad_norm", "amp", "steps", "accumulation_steps",
)  # fmt: skip
DEFAULT_EPOCHS = 10
DEFAULT_BATCH = 64
ENDLESS_STEPS = 1000
_EPOCHS_OF_ENDLESS = 20


@dataclass(frozen=True, slots=True)
class Extent:
    """Amount of data, for the values that the settings leave open.

    Attributes:
        examples: Training examples in an epoch; None if the data never ends.
        loader_batch_size: Batch size of the user's DataLoader, or None.
        fixed: Whether batches are used as they come, each counted as one example.
        processes: Processes whose batches make up one step; batch sizes of settings and loader are those of one.
    """

    examples: int | None
    loader_batch_size: int | None = None
    fixed: bool = False
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Current:
    """The configuration in use.

    Attributes:
        config: In the form of config.yaml.
        given: Whether the file has settings; otherwise defaults were assumed.
        assumed: One sentence for each assumption.
        piece: Examples of one forward pass where gradients are accumulated, else None.
        epoch: Training examples that count as one epoch.
    """

    config: Config
    given: bool
    assumed: tuple[str, ...]
    piece: int | None
    epoch: int


def read_settings(settings: Any, overrides: Keywords, extent: Extent) -> Current:
    """Reads ``settings`` (a dict or an object with such attributes) and the overrides of the command line.

    Raises:
        ContractError: If a value is of the wrong kind or out of range.
    """
    values = _as_dict(settings)
    given = bool(values)
    values = {**values, **{key: value for key, value in overrides.items() if value is not None}}
    assumed: list[str] = []

    def default(key: str, value: Any) -> Any:
        if values.get(key) is None:
            assumed.append(f"{key} {value} assumed (not in settings)")
            return value
        return values[key]

    name = str(default("optimizer", "AdamW"))
    adaptive = name not in ("SGD", "RMSprop")
    lr = _number(default("lr", 1e-3 if adaptive else 0.01), "lr", above=0.0)
    optimizer: Keywords = {"name": name, "lr": lr}
    if values.get("momentum") is not None:
        optimizer["momentum"] = _number(values["momentum"], "momentum", at_least=0.0, below=1.0)
    if values.get("betas") is not None:
        optimizer["betas"] = _betas(values["betas"])
    if values.get("nesterov") is not None:
        optimizer["nesterov"] = bool(values["nesterov"])
    if values.get("weight_decay") is not None:
        optimizer["weight_decay"] = _number(values["weight_decay"], "weight_decay", at_least=0.0)
    if extent.fixed and values.get("batch_size") not in (None, 1):
        assumed.append(f"batch_size {values['batch_size']} is ignored: batches are used as they come")
    if extent.loader_batch_size is not None and (extent.fixed or values.get("batch_size") is None):
        values["batch_size"] = extent.loader_batch_size
    most = extent.examples if extent.examples is not None else DEFAULT_BATCH
    piece = _whole(default("batch_size", min(DEFAULT_BATCH, most)), "batch_size")
    pieces = _whole(values.get("accumulation_steps") or 1, "accumulation_steps")
    if extent.processes > 1 and overrides.get("batch_size") is None:
        assumed.append(f"batch_size {piece} is that of each of {extent.processes} processes")
        piece, pieces = (piece, pieces * extent.processes) if extent.fixed else (piece * extent.processes, pieces)
    batch_size = piece * pieces
    if extent.examples is not None and batch_size > extent.examples:
        assumed.append(f"batch_size {batch_size} exceeds the {extent.examples} training examples: that many used")
        batch_size = extent.examples
    if pieces > 1:
        assumed.append(f"batch_size {batch_size} is {pieces} accumulated passes of {piece}; probes accumulate as well")
    steps = None if values.get("steps") is None else _whole(values["steps"], "steps")
    epochs, epoch = _length(values, extent, batch_size, steps, default, assumed)
    clip = values.get("clip_grad_norm")
    schedule = _schedule(values.get("schedule"), lr)
    if schedule and schedule.get("interval") == "epoch":
        assumed.append(f"{schedule['name']} is stepped once an epoch in settings, and counted in steps here")
    config = Config.from_dict(
        {
            "optimizer": optimizer,
            "schedule": in_steps(schedule, max(1, epoch // batch_size)) if schedule else None,
            "batch_size": batch_size,
            "epochs": epochs,
            "clip_grad_norm": None if clip is None else _number(clip, "clip_grad_norm", above=0.0),
            "amp": bool(values.get("amp", False)),
        },
        "settings",
    )
    return Current(config, given, tuple(assumed), piece if pieces > 1 or extent.fixed else None, epoch)


def _length(
    values: Keywords,
    extent: Extent,
    batch_size: int,
    steps: int | None,
    default: Callable[[str, Any], Any],
    assumed: list[str],
) -> tuple[int, int]:
    """Epochs, and examples of one epoch: from ``epochs``, from ``steps``, or assumed."""
    if extent.examples is not None:
        if steps is None:
            return _whole(default("epochs", DEFAULT_EPOCHS), "epochs"), extent.examples
        epochs = max(1, round(steps * batch_size / extent.examples))
        assumed.append(f"{steps} steps of {batch_size} are {epochs} epochs of the {extent.examples} training examples")
        return epochs, extent.examples
    if steps is None:
        assumed.append(f"steps {ENDLESS_STEPS} assumed, as train_data does not end (not in settings)")
    steps = steps or ENDLESS_STEPS
    epochs = min(_whole(values.get("epochs") or _EPOCHS_OF_ENDLESS, "epochs"), steps)
    each = max(1, round(steps / epochs))
    assumed.append(
        f"train_data does not end: {each} steps count as one epoch, {epochs} epochs are {each * epochs} steps"
    )
    return epochs, each * batch_size


def _as_dict(settings: Any) -> Keywords:
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        found = {key: getattr(settings, key) for key in _KNOWN if hasattr(settings, key)}
        if not found:
            raise ContractError(
                f"settings with the keys {', '.join(_KNOWN)}", type(settings).__name__, "make it a dict"
            )
        settings = found
    unknown = sorted(set(map(str, settings)) - set(_KNOWN))
    if unknown:
        raise ContractError(f"settings with the keys {', '.join(_KNOWN)}", ", ".join(unknown), "rename or remove it")
    return dict(settings)


def _schedule(value: Any, lr: float) -> Keywords | None:
    if value is None or isinstance(value, dict):
        return dict(value) if value else None
    named: dict[str, Keywords | None] = {
        "constant": None,
        "none": None,
        "cosine": {"name": "CosineAnnealingLR"},
        "onecycle": {"name": "OneCycleLR", "max_lr": lr},
        "1cycle": {"name": "OneCycleLR", "max_lr": lr},
        "warmup_cosine": {"name": "OneCycleLR", "max_lr": lr, "pct_start": 0.1, "cycle_momentum": False},
    }
    named |= {"OneCycleLR": named["onecycle"], "CosineAnnealingLR": named["cosine"]}
    if str(value) not in named:
        raise ContractError(f"settings['schedule'] as one of {', '.join(named)}, or a dict", repr(value), "use one")
    return named[str(value)]


def _number(
    value: Any,
    name: str,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    bounds = " ".join(
        text
        for text, bound in (
            (f"above {above}", above),
            (f"from {at_least}", at_least),
            (f"below {below}", below),
        )
        if bound is not None
    )
    good = number == number and abs(number) != float("inf")
    good = good and (above is None or number > above) and (at_least is None or number >= at_least)
    if not (good and (below is None or number < below)) or isinstance(value, bool):
        raise ContractError(f"{name} as a number {bounds}", repr(value), "correct the setting")
    return number


def _whole(value: Any, name: str) -> int:
    number = _number(value, name, above=0.0)
    if number != int(number):
        raise ContractError(f"{name} as a whole number", repr(value), "correct the setting")
    return int(number)


def _betas(value: Any) -> list[float]:
    try:
        first, second = value
    except (TypeError, ValueError):
        raise ContractError("betas as two numbers", repr(value), "for example (0.9, 0.999)") from None
    return [_number(item, "betas", at_least=0.0, below=1.0) for item in (first, second)]
