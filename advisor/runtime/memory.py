"""How much memory there is: what a step took, what the machine has left, and whether there is a limit to run into."""

import math
import sys
from contextlib import suppress
from pathlib import Path

import torch

_STATUS = Path("/proc/self/status")
_GROUP = Path("/sys/fs/cgroup")
_KIB = 1024


def is_limited(device: torch.device) -> bool:
    """Whether memory that runs out is an error here: on a device, or in a process with a limit (``ulimit -v``).

    A machine without such a limit swaps, or kills a process, and no size is tried until it does.
    """
    if device.type != "cpu":
        return True
    if sys.platform == "win32":
        return False
    import resource

    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def start_peak(device: torch.device) -> float:
    """Begins to watch the peak; returns the bytes in use now, 0 on a device, NaN where neither can be told."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return 0.0
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS") if device.type == "cpu" else math.nan


def peak(device: torch.device) -> float:
    """Largest number of bytes in use since ``start_peak``: of tensors on a device, of the process on a CPU."""
    if device.type == "cuda":
        return float(torch.cuda.max_memory_allocated(device))
    return _status("VmHWM") if device.type == "cpu" else math.nan


def free() -> float:
    """Bytes that the machine, or the container that this runs in, has left; infinite where that cannot be told."""
    left = [1.0 * _KIB * value for value in _numbers(Path("/proc/meminfo"), "MemAvailable")]
    with suppress(OSError, ValueError):
        most, used = ((_GROUP / name).read_text() for name in ("memory.max", "memory.current"))
        left.append(float(int(most) - int(used)))
    return min(left, default=math.inf)


def _status(name: str) -> float:
    return next((1.0 * _KIB * value for value in _numbers(_STATUS, name)), math.nan)


def _numbers(file: Path, name: str) -> list[int]:
    """The number behind a name in a file of the form ``name:  123 kB``."""
    with suppress(OSError):
        lines = (line.split(":") for line in file.read_text().splitlines() if ":" in line)
        return [int(rest.split()[0]) for key, rest, *_ in lines if key == name]
    return []
