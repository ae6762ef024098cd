"""Memory statistics: the peak of a step, the free memory of the machine, and whether a limit applies."""

import math
import sys
from contextlib import suppress
from pathlib import Path

import torch

_STATUS = Path("/proc/self/status")
_GROUP = Path("/sys/fs/cgroup")
_KIB = 1024


def is_limited(device: torch.device) -> bool:
    """Whether running out of memory raises an error: on a device, or under a process limit (``ulimit -v``).

    Without such a limit the machine swaps or the kernel kills a process, so large sizes are not tried.
    """
    if device.type != "cpu":
        return True
    if sys.platform == "win32":
        return False
    import resource

    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def start_peak(device: torch.device) -> float:
    """Resets the peak statistics; returns the bytes in use now (0 on a device, NaN if unknown)."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return 0.0
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS") if device.type == "cpu" else math.nan


def peak(device: torch.device) -> float:
    """Most bytes in use since ``start_peak``: of tensors on a device, of the process on a CPU."""
    if device.type == "cuda":
        return float(torch.cuda.max_memory_allocated(device))
    return _status("VmHWM") if device.type == "cpu" else math.nan


def free() -> float:
    """Free bytes of the machine or container; infinity if unknown."""
    left = [1.0 * _KIB * value for value in _numbers(Path("/proc/meminfo"), "MemAvailable")]
    with suppress(OSError, ValueError):
        most, used = ((_GROUP / name).read_text() for name in ("memory.max", "memory.current"))
        left.append(float(int(most) - int(used)))
    return min(left, default=math.inf)


def _status(name: str) -> float:
    return next((1.0 * _KIB * value for value in _numbers(_STATUS, name)), math.nan)


def _numbers(file: Path, name: str) -> list[int]:
    """The numbers after a name in a file of the form ``name:  123 kB``."""
    with suppress(OSError):
        lines = (line.split(":") for line in file.read_text().splitlines() if ":" in line)
        return [int(rest.split()[0]) for key, rest, *_ in lines if key == name]
    return []
