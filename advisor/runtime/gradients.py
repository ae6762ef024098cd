"""Evaluation without gradients where the loss allows it; with them for losses that take derivatives themselves."""

from collections.abc import Callable
from typing import TypeVar

import torch

_T = TypeVar("_T")


def without_gradients(call: Callable[[], _T]) -> _T:
    """What a call gives under ``no_grad``, or with gradients where it takes some itself (physics-informed losses)."""
    try:
        with torch.no_grad():
            return call()
    except RuntimeError as error:
        if "does not require grad" not in str(error):
            raise
    with torch.enable_grad():
        return call()
