"""The operation that made a tensor, from the autograd graph: exact, also for functions called in ``forward``."""

from typing import Any

import torch

_SHAPE_ONLY = (
    "View", "UnsafeView", "ReshapeAlias", "Squeeze", "Unsqueeze", "Transpose", "T", "Permute", "Select", "Slice",
    "Index", "Clone", "Alias", "Expand", "ToCopy", "AsStrided", "Flatten",
)  # fmt: skip
_NAMES = {
    "Relu": "relu", "Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid", "Tanh": "tanh",
    "Softplus": "softplus", "Elu": "elu", "LeakyRelu": "leaky_relu", "LogSigmoid": "log_sigmoid",
}  # fmt: skip
_RANGES = {
    "relu": (0.0, float("inf")), "softmax": (0.0, 1.0), "sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0),
    "softplus": (0.0, float("inf")), "log_softmax": (float("-inf"), 0.0), "log_sigmoid": (float("-inf"), 0.0),
}  # fmt: skip
_DEEPEST = 20


def made_by(tensor: torch.Tensor) -> str:
    """Name of the operation behind a tensor, ignoring reshapes; empty without a graph."""
    node: Any = tensor.grad_fn
    for _ in range(_DEEPEST):
        if node is None:
            return ""
        name = node.name().removesuffix("0").removesuffix("Backward").lstrip("_")
        if not (name in _SHAPE_ONLY or name.startswith("Squeeze")):
            return _NAMES.get(name, str(name).lower())
        node = node.next_functions[0][0] if node.next_functions else None
    return ""


def reach(tensor: torch.Tensor) -> tuple[float, float]:
    """Smallest and largest possible value of the operation behind a tensor; infinite if unbounded."""
    return _RANGES.get(made_by(tensor), (float("-inf"), float("inf")))
