"""Which seconds are counted: on a busy machine, what a process was given says more than the time that passed."""

import time

import torch


def now(device: torch.device) -> float:
    """Seconds: of this process on a CPU (with one thread), of the clock on a device that has ended its work."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        return time.perf_counter()
    return time.process_time()
