"""Evaluation without gradients, or with them for losses that differentiate through the model."""

from collections.abc import Callable
from typing import TypeVar

import torch

_T = TypeVar("_T")


def without_gradients(call: Callable[[], _T]) -> _T:
    """Calls under ``no_grad``, or with gradients if the call takes derivatives itself (physics-informed losses)."""
    try:
        with torch.no_grad():
            return call()
    except RuntimeError as error:
        if "does not require grad" not in str(error):
            raise
    with torch.enable_grad():
        return call()
