"""Framework trainers: captures what a script passes to them instead of running them."""

import sys
from dataclasses import dataclass
from types import FrameType
from typing import Any

from advisor.capture.imports import Changed
from advisor.capture.patching import Patches
from advisor.records.spec import Keywords


@dataclass(frozen=True, slots=True)
class Handed:
    """Arguments that a script passed to a trainer.

    Attributes:
        name: Of the trainer, for people.
        kind: ``lightning``, ``transformers`` or ``skorch``.
        trainer: The trainer.
        args: Positional arguments of the call.
        kwargs: Keyword arguments.
    """

    name: str
    kind: str
    trainer: Any
    args: tuple[Any, ...]
    kwargs: Keywords
    search: str = ""


class Handing(BaseException):
    """Stops the script when it calls a trainer."""

    def __init__(self, handed: Handed) -> None:
        super().__init__()
        self.handed = handed


_TRAINERS = (
    ("lightning", "lightning.pytorch", "Trainer", "fit"),
    ("lightning", "pytorch_lightning", "Trainer", "fit"),
    ("transformers", "transformers.trainer", "Trainer", "train"),
    ("skorch", "skorch.net", "NeuralNet", "fit"),
    ("skorch", "skorch.net", "NeuralNet", "partial_fit"),
    ("skorch", "skorch.classifier", "NeuralNetClassifier", "fit"),
    ("skorch", "skorch.classifier", "NeuralNetBinaryClassifier", "fit"),
    ("skorch", "skorch.regressor", "NeuralNetRegressor", "fit"),
)
_SEARCHES = ("model_selection/_search.py", "model_selection/_validation.py")
_COMMAND_LINES = ("lightning.pytorch.cli", "pytorch_lightning.cli")


def changes(patches: Patches) -> dict[str, list[Changed]]:
    """Patches applied to the frameworks' modules once the script has imported them."""
    found: dict[str, list[Changed]] = {}
    for kind, module, owner, method in _TRAINERS:

        def change(loaded: Any, kind: str = kind, owner: str = owner, method: str = method) -> None:
            trainer = getattr(loaded, owner)
            if method in vars(trainer):
                patches.wrap(trainer, method, lambda _: _handing(kind, owner))

        found.setdefault(module, []).append(change)
    for module in _COMMAND_LINES:
        found[module] = [lambda loaded: patches.wrap(loaded.LightningCLI, "__init__", _without_arguments)]
    return found


def _without_arguments(old: Any) -> Any:
    """Replaces ``LightningCLI``, which needs an optional package: without it, classes get their defaults."""

    def init(self: Any, model_class: Any = None, datamodule_class: Any = None, *args: Any, **kwargs: Any) -> None:
        try:
            old(self, model_class, datamodule_class, *args, **kwargs)
        except ModuleNotFoundError:
            if not callable(model_class):
                raise
            data = (None, None, datamodule_class()) if callable(datamodule_class) else ()
            raise Handing(Handed("LightningCLI", "lightning", None, (model_class(), *data), {})) from None

    return init


def _handing(kind: str, name: str) -> Any:
    def called(trainer: Any, *args: Any, **kwargs: Any) -> Any:
        raise Handing(Handed(name, kind, trainer, args, kwargs, _search(sys._getframe(1))))

    return called


def _search(frame: FrameType | None) -> str:
    """The class or function of scikit-learn that fits repeatedly, if it made the call."""
    found = ""
    while frame is not None:
        if frame.f_code.co_filename.endswith(_SEARCHES):
            owner = frame.f_locals.get("self")
            found = type(owner).__name__ if owner is not None else frame.f_code.co_name.strip("_")
        frame = frame.f_back
    return found


def names_of(handed: Handed) -> Keywords:
    """The captured arguments, under the names that the task's adapters expect."""
    if handed.kind == "lightning":
        return _lightning(handed)
    if handed.kind == "skorch":
        given = [*handed.args, *(handed.kwargs[key] for key in ("X", "y") if key in handed.kwargs)]
        return {"net": handed.trainer, **dict(zip(("X", "y"), given, strict=False))}
    return {"trainer": handed.trainer}


def _lightning(handed: Handed) -> Keywords:
    names = ("model", "train_dataloaders", "val_dataloaders", "datamodule")
    given = {**dict(zip(names, handed.args, strict=False)), **handed.kwargs}
    found: Keywords = {"model": given.get("model")}
    found |= {} if handed.trainer is None else {"trainer": handed.trainer}
    data = given.get("train_dataloaders")
    module = given.get("datamodule")
    if hasattr(data, "train_dataloader"):
        data, module = None, data
    if module is not None:
        found["data_module"] = module
    if data is not None:
        found["train_data"] = data
    held = given.get("val_dataloaders")
    if held is not None:
        found["val_data"] = held[0] if isinstance(held, (list, tuple)) and held else held
    return found
