"""Choice of the device that probes run on."""

import torch

from advisor.errors import ContractError


def check_devices(name: str, nproc: int) -> None:
    """Checks that every process of a training has a device of its own; on a CPU they share the cores.

    Raises:
        ContractError: If there are too few, or the device is of a kind that is used by one process alone.
    """
    kind, _, number = name.partition(":")
    count = torch.cuda.device_count()
    if kind == "cpu" or (kind == "auto" and count == 0):
        return
    if kind not in ("auto", "cuda") or number:
        raise ContractError("CUDA devices or the CPU, for --nproc", f"--device {name}", "use --device cuda or cpu")
    if count < nproc:
        raise ContractError(
            f"{nproc} CUDA devices, one for each process of --nproc {nproc}",
            f"{count}",
            f"{f'use --nproc {count}, or ' if count > 1 else 'use '}--device cpu",
        )


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
