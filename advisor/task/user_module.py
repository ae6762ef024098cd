"""What a file offers, by the contract's names or found by type."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from advisor.errors import ContractError

ROLES = (
    "model", "train_data", "val_data", "loss", "training_step", "metric", "param_groups", "settings",
    "before_epoch", "after_step",
)  # fmt: skip
_FRAMEWORKS = ("lightning", "pytorch_lightning", "transformers", "skorch", "torch")
WHAT = {
    "model": "an nn.Module subclass, or a function that returns one",
    "train_data": "a Dataset, a DataLoader, (inputs, targets), or a function that returns one",
}


@dataclass(slots=True)
class Offer:
    """Values by role; None where there is none. Adapters fill in what they find.

    Attributes:
        values: Of each of ``ROLES``.
        namespace: The names of the file.
        file: Its name, for messages.
        names: Other names than the contract's.
        said: Sentences about what was found.
        validation: ``(model, batch) -> (loss or None, {name: value})`` of a framework, or None.
        device: Where a script that was run trains; None leaves the choice.
        loop_file: The file with the training loop of a script that was run, else empty.
    """

    values: dict[str, Any]
    namespace: dict[str, Any]
    file: str
    names: dict[str, str]
    said: list[str] = field(default_factory=list)
    validation: Callable[[nn.Module, Any], tuple[Any, dict[str, float]]] | None = None
    device: str | None = None
    loop_file: str = ""

    def fill(self, role: str, value: Any) -> None:
        """Sets what the file does not say itself; settings are filled key by key."""
        if role == "settings" and isinstance(self.values["settings"], dict) and isinstance(value, dict):
            self.values["settings"] = {**value, **self.values["settings"]}
        elif self.values[role] is None:
            self.values[role] = value

    def of_type(self, kind: type) -> Any:
        """The one value of the file that is an instance or the user's subclass of ``kind``; None if none or several."""
        values = list(self.namespace.values())
        own = {id(value): value for value in values if isinstance(value, kind)}
        if not own:
            classes = [value for value in values if inspect.isclass(value) and issubclass(value, kind)]
            own = {id(value): value for value in classes if _package(value) not in _FRAMEWORKS}
        return next(iter(own.values())) if len(own) == 1 else None

    def required(self, role: str) -> Any:
        """The value of a role.

        Raises:
            ContractError: If there is none, with what the file has instead.
        """
        if self.values[role] is not None:
            return self.values[role]
        offers = [key for key in self.namespace if not key.startswith("_")]
        modules = [key for key in offers if _is_own_module(self.namespace, key)]
        option = role.removesuffix("_data")
        hint = f"; did you mean --{option} {modules[0]}?" if role == "model" and modules else ""
        raise ContractError(
            f"`{self.names.get(role, role)}` in {self.file}: {WHAT[role]}",
            f"no such name (the file has: {', '.join(offers[:12]) or 'nothing'})",
            f"define it, or name another with --{option} NAME{hint}",
        )


def read_offer(module: ModuleType, names: dict[str, str]) -> Offer:
    """Reads the contract's names, or those that the command line gives.

    Raises:
        ContractError: If a name from the command line does not exist.
    """
    file = Path(str(module.__file__)).name
    for name in names.values():
        if not hasattr(module, name):
            raise ContractError(
                f"`{name}` in {file}, as the command line names it", "no such name", "check the spelling"
            )
    values = {role: getattr(module, names.get(role, role), None) for role in ROLES}
    return Offer(values, vars(module), file, names)


def called(value: Any, role: str) -> Any:
    """What a function returns; a generator function stays one, to be opened again and again."""
    ready = hasattr(value, "__getitem__") or hasattr(value, "__iter__")
    if not callable(value) or (ready and not inspect.isclass(value)):
        return value
    if inspect.isgeneratorfunction(value):
        return value
    try:
        value = value()
    except Exception as error:
        raise ContractError(
            f"{role}() to return data when called without arguments",
            f"{type(error).__name__}: {error}",
            "make the function work on its own",
        ) from error
    if value is None:
        raise ContractError(f"{role}() to return data", "None", "return the Dataset")
    return value


def _package(kind: type) -> str:
    return kind.__module__.partition(".")[0]


def _is_own_module(namespace: dict[str, Any], key: str) -> bool:
    value = namespace[key]
    return inspect.isclass(value) and issubclass(value, nn.Module)
