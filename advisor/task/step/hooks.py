"""The user's hooks in the training loop: ``before_epoch`` and ``after_step``."""

import inspect
from collections.abc import Callable
from typing import Any

from advisor.errors import ContractError

Hook = Callable[..., None]
_TAKEN = ("model", "epoch", "step")


def hook(value: Any, name: str) -> Hook | None:
    """Wraps the user's function, which is called with those of ``model``, ``epoch`` and ``step`` that it names.

    Epochs count from 0 and steps from 1.

    Raises:
        ContractError: If it is not a function, or requires other arguments.
    """
    if value is None:
        return None
    wanted = f"{name} as a function that takes any of {', '.join(_TAKEN)}"
    if not callable(value):
        raise ContractError(wanted, type(value).__name__, "define it so")
    parameters = inspect.signature(value).parameters.values()
    names = [p.name for p in parameters if p.name in _TAKEN]
    foreign = [p.name for p in parameters if p.name not in _TAKEN and p.default is p.empty]
    if foreign:
        raise ContractError(
            wanted, f"{name}({', '.join(p.name for p in parameters)})", "take other values from the module"
        )

    def call(**known: Any) -> None:
        value(**{key: known[key] for key in names})

    return call
