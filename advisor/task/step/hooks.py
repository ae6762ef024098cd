"""The user's own steps in the loop: ``before_epoch`` and ``after_step``."""

import inspect
from collections.abc import Callable
from typing import Any

from advisor.errors import ContractError

Hook = Callable[..., None]
_TAKEN = ("model", "epoch", "step")


def hook(value: Any, name: str) -> Hook | None:
    """The user's function, called with those of ``model``, ``epoch`` and ``step`` that it names.

    Epochs count from 0 and steps from 1, as they would in the user's loop.

    Raises:
        ContractError: If it is no function, or needs something else.
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
        raise ContractError(wanted, f"{name}({', '.join(p.name for p in parameters)})", "take others from the module")

    def call(**known: Any) -> None:
        value(**{key: known[key] for key in names})

    return call
