"""What a file provides, by the contract's names or by type."""

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
    """Values by role; None where missing. Adapters fill in what they find.

    Attributes:
        values: Value of each of ``ROLES``.
        namespace: Global names of the file.
        file: Name of the file, for messages.
        names: Names that replace the contract's.
        said: Sentences about what was found.
        validation: ``(model, batch) -> (loss or None, {name: value})`` of a framework, or None.
        device: Device that a captured script trains on; None leaves the choice.
        loop_file: The file with the training loop of a captured script, else empty.
        per_process: Whether batch sizes are those of each of several processes.
    """

    values: dict[str, Any]
    namespace: dict[str, Any]
    file: str
    names: dict[str, str]
    said: list[str] = field(default_factory=list)
    validation: Callable[[nn.Module, Any], tuple[Any, dict[str, float]]] | None = None
    device: str | None = None
    loop_file: str = ""
    per_process: bool = False

    def fill(self, role: str, value: Any) -> None:
        """Sets a role that the file leaves open; settings are filled key by key."""
        if role == "settings" and isinstance(self.values["settings"], dict) and isinstance(value, dict):
            self.values["settings"] = {**value, **self.values["settings"]}
        elif self.values[role] is None:
            self.values[role] = value

    def of_type(self, kind: type) -> Any:
        """The only value that is an instance or the user's subclass of ``kind``; None if there are none or several."""
        values = list(self.namespace.values())
        own = {id(value): value for value in values if isinstance(value, kind)}
        if not own:
            classes = [value for value in values if inspect.isclass(value) and issubclass(value, kind)]
            own = {id(value): value for value in classes if _package(value) not in _FRAMEWORKS}
        return next(iter(own.values())) if len(own) == 1 else None

    def required(self, role: str) -> Any:
        """The value of a role.

        Raises:
            ContractError: If it is missing; names what the file has instead.
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
    """Reads the contract's names, or their replacements from the command line.

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
    """The return value of a function; generator functions are kept, to be opened repeatedly."""
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
