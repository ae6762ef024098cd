"""Choice of the device that probes run on."""

import torch

from advisor.errors import ContractError


def choose_device(name: str) -> torch.device:
    """CUDA, Apple's MPS or the CPU; ``auto`` takes the first available.

    Raises:
        ContractError: If the requested device is not available.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(kind for kind, there in available.items() if there)
    if not available.get(name.split(":")[0], False):
        there = ", ".join(kind for kind, ok in available.items() if ok)
        raise ContractError("a device of this machine", f"--device {name}", f"use one of: auto, {there}")
    try:
        return torch.empty(0, device=name).device
    except RuntimeError as error:
        raise ContractError("a device of this machine", f"--device {name}: {error}", "leave out its number") from error
