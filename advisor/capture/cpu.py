"""Redirects CUDA devices to the CPU for a script that names a GPU on a machine without one."""

from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from advisor.capture.patching import Patches

_QUIET = (
    "synchronize", "empty_cache", "set_device", "manual_seed", "manual_seed_all", "reset_peak_memory_stats",
    "memory_summary", "ipc_collect", "set_per_process_memory_fraction",
)  # fmt: skip
_ZERO = ("memory_allocated", "max_memory_allocated", "memory_reserved", "max_memory_reserved", "current_device")


def _here(value: Any) -> Any:
    kind = value.type if isinstance(value, torch.device) else value.partition(":")[0] if isinstance(value, str) else ""
    return torch.device("cpu") if kind == "cuda" else value


class OnCpu(TorchFunctionMode):
    """Replaces a CUDA device among the arguments of torch functions by the CPU.

    Attributes:
        used: Whether a CUDA device was named.
    """

    used = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        for value in (*args, *kwargs.values()):
            if (type(value) is torch.device or type(value) is str) and _here(value) is not value:
                OnCpu.used = True
                return func(*map(_here, args), **{key: _here(item) for key, item in kwargs.items()})
        return func(*args, **kwargs)


def install(patches: Patches) -> None:
    """Replaces the methods that move data to a GPU or query it."""
    cuda: Any = torch.cuda

    def moved(old: Any) -> Any:
        def cuda_(self: Any, *_: Any, **__: Any) -> Any:
            OnCpu.used = True
            return self

        return cuda_

    def to(old: Any) -> Any:
        return lambda self, *args, **keywords: old(
            self, *map(_here, args), **{key: _here(value) for key, value in keywords.items()}
        )

    def pinned(old: Any) -> Any:
        return lambda self, *_, **__: self

    patches.wrap(torch.Tensor, "cuda", moved)
    patches.wrap(nn.Module, "cuda", moved)
    patches.wrap(nn.Module, "to", to)
    patches.wrap(torch.Tensor, "pin_memory", pinned)
    for name in _QUIET:
        if hasattr(cuda, name):
            patches.set(cuda, name, lambda *_, **__: None)
    for name in _ZERO:
        if hasattr(cuda, name):
            patches.set(cuda, name, lambda *_, **__: 0)
    patches.wrap(torch, "load", _loaded)


def _loaded(old: Any) -> Any:
    def load(f: Any, map_location: Any = "cpu", *args: Any, **keywords: Any) -> Any:
        here = "cpu" if map_location is None or _here(map_location) is not map_location else map_location
        return old(f, here, *args, **keywords)

    return load
